"""What a student's `my_open` makes of a recorded session: content, or a sentence."""

from collections.abc import Callable, Iterator
from typing import Any

from securedata_lab import wire
from securedata_lab.lesson06_tls_on_the_wire.old_shop import UNFILLED
from securedata_lab.wire.recording import Recording

Open = Callable[[wire.Record, bytes, bytes, int], Any]

# What Python says of usual mistakes in my_open, and what is meant.
MEANT = {
    "received_mac_tag": "hand over the tag, too: it is compared",
    "ellipsis": UNFILLED,  # the nonce's line is still there
    "has no len()": 'xor takes bytes, and a number is an int: number.to_bytes(12, "big")',
    "concat int": 'XOR, not plus, and a number is an int: number.to_bytes(12, "big")',
    "for ^": 'bytes have no ^, there is xor: number.to_bytes(12, "big")',
    "two equal lengths": 'the IV has 12 bytes: number.to_bytes(12, "big")',
}


def opened_by(
    my_open: Open, recording: Recording, keylog: str
) -> Iterator[tuple[Any, bytes | str]]:
    """Each encrypted record as the kit opened it; and what a student's function makes of it.

    That is the content, if it is right; else a sentence.

    Raises:
        WireError: the key log does not belong to this session.
    """
    for it in wire.decrypted_records(recording.client_stream, recording.server_stream, keylog):
        yield it, _content(my_open, it)


def _content(my_open: Open, it: Any) -> bytes | str:
    try:
        answer = my_open(it.record, it.keys.key, it.keys.iv, it.sequence_number)
    except Exception as error:  # a student's code may raise anything
        said = f"{type(error).__name__}: {error}"
        return next((why for words, why in MEANT.items() if words in said), said)
    if answer is ...:
        return UNFILLED
    if not isinstance(answer, (bytes, bytearray)) or not answer.startswith(it.plaintext):
        return f"got {answer!r:.24}: that is not what was encrypted"
    return bytes(it.plaintext)  # without its type and padding


def request_in(my_open: Open, recording: Recording, keylog: str) -> str:
    """What the client said, in its JSON, if the student's function opens it; else why not."""
    said = b""
    try:
        for it, content in opened_by(my_open, recording, keylog):
            if (it.side, it.content_type) == ("client", "application_data"):
                if isinstance(content, str):
                    return f"6.3's my_open, record {it.sequence_number}: {content}"
                said += content
    except wire.WireError as error:
        is_tag = "tag" in str(error)
        return f"closed: {'the tag is wrong' if is_tag else 'no line of it is for this session'}"
    return said.partition(b"\r\n\r\n")[2].decode("utf-8")
