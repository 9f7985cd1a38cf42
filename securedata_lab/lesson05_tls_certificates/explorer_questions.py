"""Lesson 05: which of a client's four questions keeps out which impostor?"""

import datetime
import socket
import ssl
from contextlib import closing
from typing import Any

from cryptography import x509

from securedata_lab.drawing.explorer import Explorer
from securedata_lab.lesson05_tls_certificates.bad_servers import BAD_SERVERS, bad_server
from securedata_lab.lesson05_tls_certificates.hello_server import HelloServer, hello_server

QUESTIONS = {
    "issuer": "Did a CA that I trust sign it?",
    "dates": "Is today between the dates?",
    "name": "Is the name I asked for in it?",
    "key": "Does the server hold its key?",
}
IMPOSTORS = {
    "unknown-ca": "a stranger's CA",
    "self-signed": "no CA",
    "leaf-as-ca": "a leaf as CA",
    "expired": "out of date",
    "wrong-name": "another name",
    "copied-certificate": "a copy, another key",
}
# OpenSSL's names have no place in Python's ssl: X509_V_FLAG_NO_CHECK_TIME (x509_vfy.h).
NO_CHECK_TIME = 0x200000
Answers = list[bool]  # to the four questions, in their order


def explore_questions() -> Explorer:
    """Choose what a client asks, and see which of seven impostors get in.

    >>> explore_questions()
    One question alone, and how many of the 7 impostors it keeps out:
    Did a CA that I trust sign it?  3
    Is today between the dates?     1
    Is the name I asked for in it?  1
    Does the server hold its key?   2
    All four together: 7, and the shop gets in.
    """
    with hello_server() as shop:
        good = _all_answers(shop)
    servers: list[dict[str, Any]] = [
        {"title": "the shop", "why": "nothing is wrong with it", "answers": good}
    ]
    for name, title in IMPOSTORS.items():
        with bad_server(name) as server:
            answers = _all_answers(server)
        servers.append({"title": title, "why": BAD_SERVERS[name], "answers": answers})
    why = "it shows another's certificate, and a signature that it recorded yesterday"
    # That signature is of another handshake: the lesson's next section tries one.
    answers = [*good[:3], False]
    servers.append({"title": "a copy, an old signature", "why": why, "answers": answers})
    data = {"questions": list(QUESTIONS.values()), "servers": servers}
    return Explorer(__package__, "questions", data, "\n".join(_in_words(servers)))


def _in_words(servers: list[dict[str, Any]]) -> list[str]:
    (good, *others) = (it["answers"] for it in servers)
    lines = [f"One question alone, and how many of the {len(others)} impostors it keeps out:"]
    for place, question in enumerate(QUESTIONS.values()):
        lines.append(f"{question:31} {sum(not answers[place] for answers in others)}")
    kept_out, shop = sum(not all(it) for it in others), "gets in" if all(good) else "is kept out"
    return [*lines, f"All four together: {kept_out}, and the shop {shop}."]


def _all_answers(server: HelloServer) -> Answers:
    alone = ({question} for question in QUESTIONS)
    return [is_let_in(server, questions) for questions in alone]


def is_let_in(server: HelloServer, questions: set[str]) -> bool:
    """Whether a client that asks these questions lets this server in: one handshake.

    OpenSSL asks for names and dates only where it asks for the issuer, too. Else we read them.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = {"issuer", "name"} <= questions
    context.load_verify_locations(server.ca_file)
    if "dates" not in questions:
        context.verify_flags |= NO_CHECK_TIME
    if "issuer" not in questions:
        context.verify_mode = ssl.CERT_NONE
    try:
        with (
            closing(socket.create_connection(("localhost", server.port), timeout=5)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            shown = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")
    except ssl.SSLCertVerificationError:
        return False
    except ssl.SSLError:  # the signature under the handshake: OpenSSL asks for it always
        return "key" not in questions
    return all(_READ[question](shown) for question in questions & _READ.keys())


def _is_valid_today(shown: x509.Certificate) -> bool:
    today = datetime.datetime.now(datetime.timezone.utc)
    return shown.not_valid_before_utc <= today <= shown.not_valid_after_utc


def _has_our_name(shown: x509.Certificate) -> bool:
    names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return "localhost" in names.get_values_for_type(x509.DNSName)


_READ = {"dates": _is_valid_today, "name": _has_our_name}
