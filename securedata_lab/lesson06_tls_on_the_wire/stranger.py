"""A stranger who sends code words to a service, over TLS: the side that runs beside the kernel.

Their app talks to the service on Monday and on Tuesday: OpenSSL at both ends. It talks once more on
each later day, to any server that answers, if all four answers of lesson 05 are right.
"""

import json
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from securedata.certificates.authority import CertificateAuthority, Leaf
from securedata.certificates.tls import server_context
from securedata_lab.basics.chance import chance, code_word
from securedata_lab.lesson06_tls_on_the_wire.tls_client import End, verifying_client
from securedata_lab.servers.keeper_process import Service

HOST = "localhost"
SAYS = "The code word of my locker: "
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstored"
HANGS_UP = "the customer hangs up: "


def request(text: str) -> bytes:
    """What the app sends: JSON over HTTP."""
    body = json.dumps({"data": text})
    head = f"POST /store HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n{body}".encode("ascii")


def one_day(ca_pem: str, leaf: Leaf, text: str) -> tuple[bytes, bytes, str]:
    """The app sends a text to the service: what each side has sent, and the app's key log.

    >>> ca = CertificateAuthority.create("Example CA")
    >>> client, server, keylog = one_day(ca.certificate_pem, ca.issue(HOST), "text")
    >>> client[0]  # a record of the handshake
    22
    """
    context = verifying_client(cadata=ca_pem)
    with tempfile.TemporaryDirectory(prefix="securedata-") as folder:
        keylog = Path(folder, "keylog.txt")
        context.keylog_filename = str(keylog)
        app, service = End(context, HOST), End(server_context(leaf))
        service.hears(app.hears(service.hears(app.hears(b"")), request(text)), ANSWER)
        # Close the file: Windows deletes none that is open.
        context.keylog_filename = None  # type: ignore[assignment]  # the stub lacks None
        return app.sent, service.sent, keylog.read_text(encoding="ascii")


class Customer:
    """The stranger's app, which talks to any server that answers; it asks all four questions.

    >>> ca = CertificateAuthority.create("Example CA")
    >>> customer = Customer(ca.certificate_pem, "text")
    >>> customer.hears(b"")
    'the customer still waits'
    """

    def __init__(self, ca_pem: str, text: str) -> None:
        self._end, self._text = End(verifying_client(cadata=ca_pem), HOST), text
        self.hello = self._end.hears(b"")

    @property
    def sent(self) -> bytes:
        """All that it has sent."""
        return self._end.sent

    def hears(self, flight: bytes) -> str:
        """What happens when a server has said this."""
        try:
            said = self._end.hears(flight, request(self._text))
        except ssl.SSLError as error:
            return HANGS_UP + str(error.reason).lower().replace("_", " ")
        return "the customer talks to you" if said else "the customer still waits"


def certificate_of(leaf: Leaf) -> bytes:
    """A leaf's certificate, as it is sent: in DER."""
    return x509.load_pem_x509_certificate(leaf.chain_pem.encode("ascii")).public_bytes(Encoding.DER)


def open_kept() -> Service:
    """The two days are recorded. Doors: a customer of today, and the stranger's locker."""
    draw, days = chance("a stranger's locker"), dict[str, str]()
    ca = CertificateAuthority.create("The CA of the stranger's service")
    leaf = ca.issue(HOST)
    customers = list[Customer]()

    def text_of(day: str) -> str:
        word = code_word(draw)
        days[word] = day
        return SAYS + word

    def come() -> str:
        customers.append(Customer(ca.certificate_pem, text_of("Today's")))
        return customers[-1].hello.hex()

    def hear(flight: str) -> list[str]:
        said = customers[-1].hears(bytes.fromhex(flight))
        return [said, customers[-1].sent.hex()]

    def open_locker(word: str) -> str:
        day = days.get(word.strip().lower())
        return f"{day} code word opens the locker: 100 EUR." if day else "The locker stays closed."

    monday, tuesday = (
        one_day(ca.certificate_pem, leaf, text_of(day)) for day in ("Monday's", "Tuesday's")
    )
    told = {
        "monday": [it.hex() for it in monday[:2]],
        "tuesday": [it.hex() for it in tuesday[:2]],
        "keylog": monday[2],
        "certificate": certificate_of(leaf).hex(),
        "stolen_key": leaf.private_key_pem,
    }
    return Service(told, {"come": come, "hear": hear, "open_locker": open_locker})
