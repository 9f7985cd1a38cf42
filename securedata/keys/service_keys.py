"""The ring: every key of a service, who may ask for its records, and how one ring becomes the next.

A ring never changes. Rotating a key or creating a token gives a new ring, so that a server which
works with one always works with a whole one. It knows no files, no database and no network.

A key is in one of three states:

    next      handed out to every server, and not in use: nothing is wrapped or signed with it yet
    primary   in use; there is exactly one
    earlier   what was wrapped or signed with it stays readable; of a signer, only the public half
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from securedata.clock import now
from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import KeyRing
from securedata.crypto.signature import SigningKey, VerifyingKey
from securedata.errors import FormatError, TokenError
from securedata.record import PATTERNS

LOCAL = "local"  # the owner of everything where nobody is told apart
TOKEN_BYTES = 32


@dataclass(frozen=True)
class Token:
    """What is kept of a token: its SHA-256, 64 hex digits, and since when. Not a secret.

    A plain hash is enough: nobody guesses 32 random bytes, as he might a password. And a lookup by
    the hash cannot be timed: a guess that is nearly right has quite another hash.

    >>> Token.of("0" * 64).sha256[:16]
    '60e05bd1b195af2f'
    """

    sha256: str
    created: str

    @classmethod
    def of(cls, token: str) -> "Token":
        """What is kept of this token, from now on."""
        return cls(_sha256(token), now())


def new_token() -> str:
    """A token: 32 random bytes as 64 hex digits. Shown once, and kept nowhere.

    >>> len(new_token())
    64
    """
    return secrets.token_hex(TOKEN_BYTES)


@dataclass(frozen=True)
class Ring:
    """All that a vault needs: keys that wrap data keys, the signer, all signers it accepts, tokens.

    `tokens` are by owner. None means that there never was one: everybody is `local`. Once there
    was one, every call needs one, also when the last is revoked: revoking must not open a door.

    Raises:
        UnknownKeyError: the signer is not among its own verifiers.
        SignatureError: the signer's signature does not verify: a damaged key.

    >>> ring = Ring.generate()
    >>> rotated = ring.promote_key()
    >>> rotated.keys.primary.key_id == ring.keys.primary.key_id
    False
    >>> rotated.state(ring.keys.primary.key_id)
    'earlier'
    """

    keys: KeyRing[AeadKey]
    signer: SigningKey
    signers: KeyRing[VerifyingKey]
    next_key: AeadKey | None = None
    next_signer: SigningKey | None = None
    tokens: Mapping[str, Token] | None = None
    created: Mapping[str, str] = field(default_factory=dict)  # by key id; rings of old lack it

    def __post_init__(self) -> None:
        # A self-test: whoever could sign what he cannot verify must not begin.
        for signer in filter(None, (self.signer, self.next_signer)):
            self.signers[signer.key_id].verify(b"self-test", signer.sign(b"self-test"))

    @classmethod
    def generate(cls) -> "Ring":
        """Make a new ring: one key, one signer, no tokens.

        >>> Ring.generate().tokens is None
        True
        """
        key, signer = AeadKey.generate(), SigningKey.generate()
        created = dict.fromkeys((key.key_id, signer.key_id), now())
        return cls(KeyRing(key), signer, KeyRing(signer.verifying_key), created=created)

    def state(self, key_id: str) -> str:
        """In which state the key or signer of this id is: primary, next, or else earlier."""
        if key_id in (self.keys.primary.key_id, self.signer.key_id):
            return "primary"
        following = [key.key_id for key in (self.next_key, self.next_signer) if key]
        return "next" if key_id in following else "earlier"

    # Keys.

    def prepare_key(self) -> "Ring":
        """Add a key that is in use nowhere yet, unless there is one already.

        Where several servers have copies of the ring, each must know a key before any uses it.

        >>> ring = Ring.generate().prepare_key()
        >>> ring.state(ring.next_key.key_id), ring.prepare_key() is ring
        ('next', True)
        """
        if self.next_key is not None:
            return self
        key = AeadKey.generate()
        primary, *earlier = self.keys
        keys = KeyRing(primary, key, *earlier)
        return replace(self, keys=keys, next_key=key, created=self._since(key))

    def promote_key(self) -> "Ring":
        """Put the next key into use; if none was prepared, a new one. The one before stays.

        >>> ring = Ring.generate().prepare_key()
        >>> ring.promote_key().keys.primary is ring.next_key
        True
        """
        key = self.next_key or AeadKey.generate()
        keys = KeyRing(key, *(other for other in self.keys if other is not key))
        return replace(self, keys=keys, next_key=None, created=self._since(key))

    # Signers.

    def prepare_signer(self) -> "Ring":
        """Add a signer that is in use nowhere yet, unless there is one already.

        >>> ring = Ring.generate().prepare_signer()
        >>> ring.next_signer.key_id in ring.signers
        True
        """
        if self.next_signer is not None:
            return self
        signer = SigningKey.generate()
        primary, *earlier = self.signers
        signers = KeyRing(primary, signer.verifying_key, *earlier)
        return replace(self, signers=signers, next_signer=signer, created=self._since(signer))

    def promote_signer(self) -> "Ring":
        """Let the next signer sign. Of the one before, only the public half stays.

        >>> ring = Ring.generate()
        >>> rotated = ring.promote_signer()
        >>> rotated.signers[ring.signer.key_id].key_id == ring.signer.key_id
        True
        """
        signer = self.next_signer or SigningKey.generate()
        earlier = [key for key in self.signers if key.key_id != signer.key_id]
        signers = KeyRing(signer.verifying_key, *earlier)
        created = self._since(signer)
        return replace(self, signer=signer, signers=signers, next_signer=None, created=created)

    # Tokens.

    def add_token(self, owner: str, token: str) -> "Ring":
        """Let whoever holds this token be this owner, and let nobody in without one.

        Raises:
            FormatError: the name does not have its form, or this owner has a token already.

        >>> token = new_token()
        >>> Ring.generate().add_token("alice", token).owner_of(token)
        'alice'
        """
        tokens = self.tokens or {}
        if not PATTERNS["owner"].fullmatch(owner):
            raise FormatError(
                "a name is 1 to 64 small letters, digits, dots, dashes and underscores, "
                "and begins with a letter or digit"
            )
        if owner in tokens:
            raise FormatError(f"{owner} has a token already: revoke it first")
        return replace(self, tokens={**tokens, owner: Token.of(token)})

    def revoke_token(self, owner: str) -> "Ring":
        """Let nobody be this owner any more. The records stay, for whoever gets the name next.

        Raises:
            FormatError: this owner has no token.

        >>> Ring.generate().add_token("alice", new_token()).revoke_token("alice").tokens
        {}
        """
        tokens = dict(self.tokens or {})
        if tokens.pop(owner, None) is None:
            raise FormatError(f"{owner} has no token")
        return replace(self, tokens=tokens)

    def owner_of(self, token: str) -> str:
        """Who holds this token.

        Raises:
            TokenError: nobody, or nobody any more: the two are not told apart.
        """
        try:
            return self._owners[_sha256(token)]
        except KeyError:
            raise TokenError("This token is unknown or was revoked.") from None

    def _since(self, key: AeadKey | SigningKey) -> dict[str, str]:
        # A key that was prepared is as old as that.
        return {key.key_id: now(), **self.created}

    @cached_property
    def _owners(self) -> dict[str, str]:
        return {token.sha256: owner for owner, token in (self.tokens or {}).items()}


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
