"""Keys by key id, one of them primary: new things use the primary, old things stay readable.

It only uses the id of a key, so it can hold all three kinds of keys.
"""

from collections.abc import Collection, Iterator
from typing import Generic, Protocol, TypeVar

from securedata.errors import FormatError, RetiredKeyError, UnknownKeyError


class _Identified(Protocol):
    @property
    def key_id(self) -> str:
        """The name of the key."""


Key = TypeVar("Key", bound=_Identified)


class KeyRing(Generic[Key]):
    """A primary key and any number of older ones: AeadKey, SigningKey or VerifyingKey.

    A key is found by its id, never by trying every key. `retired` are the ids of keys that were
    removed.

    Raises:
        FormatError: two of the keys have one id.

    >>> from securedata.crypto.aead import AeadKey
    >>> new, old = AeadKey.generate(), AeadKey.generate()
    >>> ring = KeyRing(new, old)
    >>> ring.primary is new and ring[old.key_id] is old
    True
    >>> ring["0123456789abcdef"]
    Traceback (most recent call last):
        ...
    securedata.errors.UnknownKeyError: unknown key id 0123456789abcdef: the key file lacks ...
    """

    def __init__(self, primary: Key, *older: Key, retired: Collection[str] = ()) -> None:
        self.primary = primary
        self.retired = frozenset(retired)
        self._keys = {key.key_id: key for key in (primary, *older)}
        if len(self._keys) != 1 + len(older):
            raise FormatError("a key ring must not hold two keys with one id")

    def __getitem__(self, key_id: str) -> Key:
        if key_id in self.retired:
            raise RetiredKeyError(
                f"key {key_id} was retired: only a backup of the key file may still have it. "
                "If no record should name it, the record may be forged"
            )
        try:
            return self._keys[key_id]
        except KeyError:
            raise UnknownKeyError(
                f"unknown key id {key_id}: the key file lacks this key; if the newest key file "
                "lacks it, too, the record may be forged"
            ) from None

    def __contains__(self, key_id: object) -> bool:
        return key_id in self._keys

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys.values())

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._keys)})"
