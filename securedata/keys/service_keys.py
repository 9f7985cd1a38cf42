"""The service's keys and tokens, and how they change.

A `ServiceKeys` never changes. Rotating a key or creating a token makes a new one, so a server
always works with a complete set. No files, no database and no network here.

A key is in one of three states:

    next      handed out to every server, and not in use: nothing is wrapped or signed with it yet
    primary   in use; there is exactly one
    earlier   what was wrapped or signed with it stays readable; of a signer, only the public half

An earlier key may be retired. Then it is gone, and only its id stays. An earlier signer may have
an end: a receipt that it signed later is forged.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from securedata.clock import now
from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import Key, KeyRing
from securedata.crypto.signature import SigningKey, VerifyingKey
from securedata.errors import FormatError, TokenError
from securedata.record import DSA, PATTERNS, Scheme, checked_time

LOCAL = "local"  # the owner of everything while there are no tokens


@dataclass(frozen=True)
class Token:
    """What we keep of a token: its SHA-256 in 64 hex digits, and since when. Not a secret.

    A plain hash is enough: 32 random bytes cannot be guessed, unlike a password. The time of a
    lookup tells nothing: a guess that is nearly right has a different hash.

    >>> keys = ServiceKeys.generate().add_token("alice", "0" * 64)
    >>> keys.tokens["alice"].sha256[:16]
    '60e05bd1b195af2f'
    """

    sha256: str
    created: str


def new_token() -> str:
    """A token: 32 random bytes as 64 hex digits. Shown once, and kept nowhere.

    >>> len(new_token())
    64
    """
    return secrets.token_hex(32)


def must_be_owner(name: str) -> None:
    """Refuse what cannot be the name of an owner.

    Raises:
        FormatError: the name does not have its form.

    >>> must_be_owner("alice")
    """
    if not PATTERNS["owner"].fullmatch(name):
        raise FormatError(
            "a name is 1 to 64 small letters, digits, dots, dashes and underscores, "
            f"and begins with a letter or digit: {name!r} does not"
        )


@dataclass(frozen=True)
class ServiceKeys:
    """All keys of a service: those that wrap data keys, the signer, accepted signers, and tokens.

    `tokens` are by owner. None means that there never was one: everybody is `local`. Once there
    was one, every call needs one. Revoking the last token does not change that.

    `all_under_primary` says since when every record is wrapped under the primary key. None means
    that a rotation is not complete, or that nobody knows.

    `ended` maps the id of an earlier signer to its end: the time after which it signed nothing.

    Raises:
        UnknownKeyError: the signer is not among its own verifiers.
        SignatureError: the signer's signature does not verify: a damaged key.

    >>> keys = ServiceKeys.generate()
    >>> rotated = keys.promote_key()
    >>> rotated.wrapping_keys.primary.key_id == keys.wrapping_keys.primary.key_id
    False
    >>> rotated.state(keys.wrapping_keys.primary.key_id)
    'earlier'
    """

    wrapping_keys: KeyRing[AeadKey]
    signer: SigningKey
    signers: KeyRing[VerifyingKey]
    next_key: AeadKey | None = None
    next_signer: SigningKey | None = None
    tokens: Mapping[str, Token] | None = None
    created: Mapping[str, str] = field(default_factory=dict)  # by key id; older files lack it
    all_under_primary: str | None = None
    ended: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A self-test: a signer whose signatures do not verify must not start.
        for signer in filter(None, (self.signer, self.next_signer)):
            self.signers[signer.key_id].verify(b"self-test", signer.sign(b"self-test"))

    @classmethod
    def generate(cls, scheme: Scheme = DSA) -> "ServiceKeys":
        """Make new keys: one key, one signer of this scheme, no tokens.

        >>> ServiceKeys.generate().tokens is None
        True
        """
        key, signer = AeadKey.generate(), SigningKey.generate(scheme)
        created = dict.fromkeys((key.key_id, signer.key_id), now())
        return cls(KeyRing(key), signer, KeyRing(signer.verifying_key), created=created)

    def state(self, key_id: str) -> str:
        """The state of the key or signer with this id: primary, next, or else earlier."""
        if key_id in (self.wrapping_keys.primary.key_id, self.signer.key_id):
            return "primary"
        following = [key.key_id for key in (self.next_key, self.next_signer) if key]
        return "next" if key_id in following else "earlier"

    # Keys.

    def prepare_key(self) -> "ServiceKeys":
        """Add a key that is not in use yet, unless there is one already.

        If several servers have copies of the keys, each must know a key before any server uses it.

        >>> keys = ServiceKeys.generate().prepare_key()
        >>> keys.state(keys.next_key.key_id), keys.prepare_key().next_key is keys.next_key
        ('next', True)
        """
        key = self.next_key or AeadKey.generate()
        keys = _in_front(self.wrapping_keys, self.wrapping_keys.primary, key)
        return replace(self, wrapping_keys=keys, next_key=key, created=self._since(key))

    def promote_key(self) -> "ServiceKeys":
        """Put the next key into use, or a new one if there is no next. The earlier key stays.

        >>> keys = ServiceKeys.generate().prepare_key()
        >>> keys.promote_key().wrapping_keys.primary is keys.next_key
        True
        """
        key = self.next_key or AeadKey.generate()
        return replace(
            self,
            wrapping_keys=_in_front(self.wrapping_keys, key),
            next_key=None,
            created=self._since(key),
            all_under_primary=None,
        )

    def complete_rotation(self, key_id: str) -> "ServiceKeys":
        """Note that from now on every record is wrapped under this key, if it is still the primary.

        >>> keys = ServiceKeys.generate()
        >>> complete = keys.complete_rotation(keys.wrapping_keys.primary.key_id)
        >>> keys.all_under_primary is None, complete.all_under_primary is None
        (True, False)
        """
        if key_id != self.wrapping_keys.primary.key_id:
            return self
        return replace(self, all_under_primary=now())

    def retire_keys(self, key_ids: Collection[str]) -> "ServiceKeys":
        """Remove earlier keys for good. A record that names one can no longer be opened.

        Raises:
            FormatError: one of them is not an earlier key.

        >>> keys = ServiceKeys.generate()
        >>> old = keys.wrapping_keys.primary.key_id
        >>> old in keys.promote_key().retire_keys([old]).wrapping_keys
        False
        """
        for key_id in key_ids:
            if key_id not in self.wrapping_keys or self.state(key_id) != "earlier":
                raise FormatError(f"{key_id} is not an earlier key, and is not retired")
        left = [key for key in self.wrapping_keys if key.key_id not in key_ids]
        ring = KeyRing(*left, retired={*self.wrapping_keys.retired, *key_ids})
        return replace(self, wrapping_keys=ring)

    # Signers.

    def prepare_signer(self, scheme: Scheme | None = None) -> "ServiceKeys":
        """Add a signer that is not in use yet, unless there is one already.

        Without a scheme, it is the present one: a routine change must not go back to DSA.

        Raises:
            FormatError: there is a next signer of another scheme.

        >>> keys = ServiceKeys.generate().prepare_signer()
        >>> keys.next_signer.key_id in keys.signers
        True
        """
        signer = self._next_signer(scheme)
        signers = _in_front(self.signers, self.signers.primary, signer.verifying_key)
        return replace(self, signers=signers, next_signer=signer, created=self._since(signer))

    def promote_signer(self, scheme: Scheme | None = None) -> "ServiceKeys":
        """Let the next signer sign. Of the earlier signer, only the public key stays.

        Without a scheme, it is that of the next signer, or else the present one.

        Raises:
            FormatError: there is a next signer of another scheme.

        >>> keys = ServiceKeys.generate()
        >>> rotated = keys.promote_signer()
        >>> rotated.signers[keys.signer.key_id].key_id == keys.signer.key_id
        True
        """
        signer = self._next_signer(scheme)
        return replace(
            self,
            signer=signer,
            signers=_in_front(self.signers, signer.verifying_key),
            next_signer=None,
            created=self._since(signer),
        )

    def end_signer(self, signer_id: str, until: str) -> "ServiceKeys":
        """Note that an earlier signer signed nothing after this time, in the form of `created`.

        An end never moves to a later time: that would let in what was refused before.

        Raises:
            FormatError: it is not an earlier signer, its end was earlier, or this is no time.

        >>> keys = ServiceKeys.generate()
        >>> ended = keys.promote_signer().end_signer(keys.signer.key_id, "2026-01-02T03:04:05Z")
        >>> ended.ended[keys.signer.key_id]
        '2026-01-02T03:04:05Z'
        """
        if signer_id not in self.signers:
            raise FormatError(f"no signer has the id {signer_id}: securedata keys lists them")
        if self.state(signer_id) != "earlier":
            raise FormatError(
                f"{signer_id} may still sign: put another signer into use first (securedata rotate "
                "--signer)"
            )
        if checked_time(until) > self.ended.get(signer_id, until):
            raise FormatError(f"the end of {signer_id} is {self.ended[signer_id]}: never later")
        return replace(self, ended={**self.ended, signer_id: until})

    def _next_signer(self, scheme: Scheme | None) -> SigningKey:
        following = self.next_signer
        if following and scheme not in (None, following.scheme):
            raise FormatError(
                f"{following.key_id} is prepared, and of {following.scheme.name}: put it into use "
                "first, by rotate --signer"
            )
        return following or SigningKey.generate(scheme or self.signer.scheme)

    # Tokens.

    def add_token(self, owner: str, token: str) -> "ServiceKeys":
        """Give this owner a token. From now on every call needs one.

        Raises:
            FormatError: the name does not have its form, or this owner has a token already.

        >>> token = new_token()
        >>> ServiceKeys.generate().add_token("alice", token).owner_of(token)
        'alice'
        """
        tokens = self.tokens or {}
        must_be_owner(owner)
        if owner in tokens:
            raise FormatError(f"{owner} has a token already: revoke it first")
        return replace(self, tokens={**tokens, owner: Token(_sha256(token), now())})

    def revoke_token(self, owner: str) -> "ServiceKeys":
        """Remove the token of this owner. The records stay, for the next token with this name.

        Raises:
            FormatError: this owner has no token.

        >>> ServiceKeys.generate().add_token("alice", new_token()).revoke_token("alice").tokens
        {}
        """
        tokens = dict(self.tokens or {})
        if tokens.pop(owner, None) is None:
            raise FormatError(f"{owner} has no token")
        return replace(self, tokens=tokens)

    def owner_of(self, token: str) -> str:
        """The owner with this token.

        Raises:
            TokenError: the token is unknown or was revoked. Both get the same words.
        """
        try:
            return self._owners[_sha256(token)]
        except KeyError:
            raise TokenError("This token is unknown or was revoked.") from None

    def _since(self, key: AeadKey | SigningKey) -> dict[str, str]:
        # The age of a prepared key counts from its preparation.
        return {key.key_id: now(), **self.created}

    @cached_property
    def _owners(self) -> dict[str, str]:
        return {token.sha256: owner for owner, token in (self.tokens or {}).items()}


def _in_front(ring: KeyRing[Key], *front: Key) -> KeyRing[Key]:
    """The ring with these keys first, whether it has them already or not."""
    ids = {key.key_id for key in front}
    others = (key for key in ring if key.key_id not in ids)
    return KeyRing(*front, *others, retired=ring.retired)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
