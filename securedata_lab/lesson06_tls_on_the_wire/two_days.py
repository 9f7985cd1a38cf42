"""A stranger's two sessions at the real service, recorded on the wire; and a backup, found later.

In the backup lie Monday's key log and the server's private key. Tuesday's key log was never kept:
this module forgets it as soon as the session is recorded.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from securedata.certificates.folder import open_folder
from securedata_lab import wire
from securedata_lab.basics.chance import chance, code_word
from securedata_lab.lesson06_tls_on_the_wire.old_shop import UNFILLED
from securedata_lab.lesson06_tls_on_the_wire.recorder import record_post
from securedata_lab.servers.starting import LabServer
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


@dataclass(frozen=True, repr=False)
class TwoDays:
    """Two recordings without their secrets, and what the backup holds.

    `open_locker(text)` tries what was read at the stranger's locker.
    """

    monday: Recording
    tuesday: Recording
    keylog: str
    server_key_pem: str
    open_locker: Callable[[str], str]


def record_two_days() -> TwoDays:
    """Start the real service, let a stranger store a code word on each day, and stop it.

    >>> record_two_days().open_locker("island-timber-32")
    'The locker stays closed.'
    """
    draw = chance("a stranger's locker")
    words = [code_word(draw) for _ in range(2)]
    with LabServer() as server:
        pem = open_folder(server.key_file.parent).leaf.private_key_pem
        monday, tuesday = (
            record_post(server, "/store", {"data": f"The code word of my locker: {word}"})
            for word in words
        )

    def open_locker(text: str) -> str:
        opens = "Monday's code word opens the locker: 200 EUR."
        return opens if words[0] in text else "The locker stays closed."

    def closed(recording: Recording) -> Recording:
        return replace(recording, keylog="", name="a stranger's", sentence="A stranger's session.")

    return TwoDays(closed(monday), closed(tuesday), monday.keylog, pem, open_locker)


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


def show_two_days(my_open: Open, days: TwoDays) -> str:
    """Print which key of the backup opens which day, by a student's function.

    Returns what it read of Monday's request; "" if that is nothing.

    >>> show_two_days(lambda record, key, iv, number: ..., record_two_days())
    Monday   with Monday's key log:       record 0 stays closed: a part is still `...`
    Monday   with the server's own key: closed: TLS 1.3 encrypts no secret to ...
    Tuesday  with Monday's key log:       closed: none of its secrets is for this session
    Tuesday  with the server's own key: closed: TLS 1.3 encrypts no secret to ...
    ''
    """
    read = ""
    for day, recording in (("Monday", days.monday), ("Tuesday", days.tuesday)):
        said = _request(my_open, recording, days.keylog)
        read = read or said.partition("\r\n\r\n")[2]
        print(f"{day:8} with Monday's key log:       {said.rpartition(chr(10))[2]}")
        print(f"{day:8} with the server's own key: {_with_server_key(recording, days)}")
    return read


def _request(my_open: Open, recording: Recording, keylog: str) -> str:
    """What the client said, if the student's function opens it; else why not."""
    said = b""
    try:
        for it, content in opened_by(my_open, recording, keylog):
            if (it.side, it.content_type) == ("client", "application_data"):
                if isinstance(content, str):
                    return f"record {it.sequence_number} stays closed: {content}"
                said += content
    except wire.WireError:
        return "closed: none of its secrets is for this session"
    return said.decode("utf-8")


def _with_server_key(recording: Recording, days: TwoDays) -> str:
    """What a server's key decrypts. It is nothing in TLS 1.3, whichever key it is."""
    streams = recording.client_stream, recording.server_stream
    try:
        wire.master_secret_from_rsa(*streams, days.server_key_pem)
    except wire.WireError as error:
        return f"closed: {error}".partition(" (at")[0]
    return "opens"
