"""The flaws of twins that sign nothing: each a small class that changes one step of the control."""

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad, unpad

from securedata.errors import FormatError
from securedata_lab.twins.twin import Row, Twin

BLOCK_BYTES = 16


class Ecb(Twin):
    """ECB: every block is encrypted by itself, so equal blocks stay equal and can be moved.

    Breaks: NIST SP 800-38A, 6.1 (under one key, equal blocks give equal ciphertext).
    Happened: Adobe, 2013: 150 million passwords under 3DES in ECB. Equal ones looked equal.

    >>> row = Ecb(seed=1).seal(bytes(32), record_id="1")
    >>> row.ciphertext[:16] == row.ciphertext[16:32]
    True
    """

    def nonce(self) -> bytes:
        """None: this is the flaw."""
        return b""

    def encrypt(self, plaintext: bytes, nonce: bytes, associated_data: bytes) -> Row:
        """AES-256-ECB with PKCS#7 padding."""
        cipher = AES.new(self.key, AES.MODE_ECB)
        return Row(nonce, cipher.encrypt(pad(plaintext, BLOCK_BYTES)), b"")

    def decrypt(self, row: Row, associated_data: bytes) -> bytes:
        """Block by block; nothing is authenticated."""
        cipher = AES.new(self.key, AES.MODE_ECB)
        return unpad(cipher.decrypt(row.ciphertext), BLOCK_BYTES)


class Cbc(Twin):
    """CBC without authentication: a bit flipped in the IV flips the same bit of the first block.

    Breaks: NIST SP 800-38A, appendix D (errors in CBC); RFC 7366 says to authenticate what is sent.
    Happened: EFAIL, 2018: mails in CBC were rewritten by flipping the block before known text.

    >>> twin = Cbc(seed=1)
    >>> row = twin.seal(b"user", record_id="1")
    >>> flipped = Row(bytes([row.nonce[0] ^ 1]) + row.nonce[1:], row.ciphertext, b"")
    >>> twin.open(flipped, record_id=None)
    b'tser'
    """

    def nonce(self) -> bytes:
        """The IV: random, 16 bytes."""
        return self.random.randbytes(BLOCK_BYTES)

    def encrypt(self, plaintext: bytes, nonce: bytes, associated_data: bytes) -> Row:
        """AES-256-CBC with PKCS#7 padding."""
        cipher = AES.new(self.key, AES.MODE_CBC, iv=nonce)
        return Row(nonce, cipher.encrypt(pad(plaintext, BLOCK_BYTES)), b"")

    def decrypt(self, row: Row, associated_data: bytes) -> bytes:
        """Nothing is authenticated, so anything with a right padding is text."""
        cipher = AES.new(self.key, AES.MODE_CBC, iv=row.nonce)
        padded = cipher.decrypt(row.ciphertext)
        try:
            return unpad(padded, BLOCK_BYTES)
        except ValueError:
            raise FormatError("Invalid padding.") from None


class FixedNonceCtr(Twin):
    """CTR with one nonce for all texts: all are XORed with the same keystream.

    Breaks: NIST SP 800-38A, appendix B (counter blocks must be unique across all messages).
    Happened: Microsoft Word and Excel, 2005: every saved version under the same RC4 keystream.

    >>> from securedata_lab.basics.bits import xor
    >>> twin = FixedNonceCtr(seed=1)
    >>> zeros, text = twin.seal(bytes(4), "1"), twin.seal(b"text", "2")
    >>> xor(zeros.ciphertext, text.ciphertext)
    b'text'
    """

    def nonce(self) -> bytes:
        """Always the same: this is the flaw."""
        return bytes(8)

    def encrypt(self, plaintext: bytes, nonce: bytes, associated_data: bytes) -> Row:
        """AES-256-CTR; nothing is authenticated."""
        cipher = AES.new(self.key, AES.MODE_CTR, nonce=nonce)
        return Row(nonce, cipher.encrypt(plaintext), b"")

    def decrypt(self, row: Row, associated_data: bytes) -> bytes:
        """The same XOR again."""
        cipher = AES.new(self.key, AES.MODE_CTR, nonce=row.nonce)
        return cipher.decrypt(row.ciphertext)
