"""The record layer: splits a stream of bytes into records, each with a header of five bytes.

    content type (1) · legacy version (2) · length (2) · fragment        RFC 9846, 5.1; 5246, 6.2

It knows nothing of what the fragments say.
"""

from dataclasses import dataclass

from securedata_lab.wire.errors import WireError
from securedata_lab.wire.registries import CONTENT_TYPES, name_of

HEADER_BYTES = 5
# A fragment has up to 2^14 bytes; encryption may add 2048 in TLS 1.2, and 256 in TLS 1.3, which
# only somebody who knows the version can check (RFC 5246, 6.2.3; RFC 9846, 5.2).
LONGEST_FRAGMENT = 2**14 + 2048
LONGEST_FRAGMENT_TLS13 = 2**14 + 256


@dataclass(frozen=True)
class Record:
    """One record: `offset` is where its header begins in the stream.

    >>> record = Record(type_number=21, version_number=0x0303, offset=0, fragment=bytes([2, 48]))
    >>> record.content_type, record.length, record.header.hex()
    ('alert', 2, '1503030002')
    """

    type_number: int
    version_number: int
    offset: int
    fragment: bytes

    @property
    def content_type(self) -> str:
        """The name of the content type; of an encrypted TLS 1.3 record, "application_data"."""
        return name_of(self.type_number, 1, CONTENT_TYPES)

    @property
    def length(self) -> int:
        """How many bytes follow the header."""
        return len(self.fragment)

    @property
    def fragment_offset(self) -> int:
        """Where in the stream the fragment begins."""
        return self.offset + HEADER_BYTES

    @property
    def end(self) -> int:
        """Where in the stream the next record begins."""
        return self.fragment_offset + self.length

    @property
    def header(self) -> bytes:
        """The five bytes of the header; TLS 1.3 authenticates them with every record."""
        return (
            bytes([self.type_number])
            + self.version_number.to_bytes(2, "big")
            + self.length.to_bytes(2, "big")
        )

    @property
    def data(self) -> bytes:
        """The whole record: header and fragment."""
        return self.header + self.fragment


def tls_records(stream: bytes) -> list[Record]:
    """Cut what one side sent into its records.

    Raises:
        WireError: this is not TLS, the last record is cut off, or one is longer than allowed.

    >>> stream = bytes.fromhex("140303000101 15030300020100")
    >>> [record.content_type for record in tls_records(stream)]
    ['change_cipher_spec', 'alert']
    >>> tls_records(b"GET / HTTP/1.1")
    Traceback (most recent call last):
        ...
    securedata_lab...WireError: this is not TLS: no record begins with 0x47 (at offset 0)
    """
    found = []
    offset = 0
    while offset < len(stream):
        found.append(_record_at(stream, offset))
        offset = found[-1].end
    return found


def _record_at(stream: bytes, offset: int) -> Record:
    header = stream[offset : offset + HEADER_BYTES]
    if header[0] not in CONTENT_TYPES:
        raise WireError(f"this is not TLS: no record begins with 0x{header[0]:02x}", offset)
    if len(header) < HEADER_BYTES:
        raise WireError(f"cut off: {len(header)} of a record header's 5 bytes are there", offset)
    if header[1] != 3:  # SSL 3.0 and every TLS: 3, and a second number
        raise WireError(f"this is not TLS: no version begins with 0x{header[1]:02x}", offset + 1)
    length = int.from_bytes(header[3:], "big")
    if length > LONGEST_FRAGMENT:
        raise WireError(f"a record of {length} bytes; {LONGEST_FRAGMENT} are allowed", offset + 3)
    start = offset + HEADER_BYTES
    fragment = stream[start : start + length]
    if len(fragment) < length:
        raise WireError(f"cut off: {len(fragment)} of a record's {length} bytes are there", offset)
    return Record(header[0], int.from_bytes(header[1:3], "big"), offset, fragment)
