"""The referee of one match, in a sandbox of its own. It judges each flag by itself.

It may start nothing: it asks the process outside (match.py) for vault and attack, in lines of JSON
on its standard output, and reads the answers on its standard input. Its working folder holds those
of the others, so it reaches their sockets. Nothing that a vault or an attack says is believed.

The attack and honest customers call the vault through one connection, in the same form.
"""

import itertools
import json
import os
import queue
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from securedata.certificates.issuing import LOCALHOST_NAMES, issue_certificate
from securedata.classroom.tournament.flags import CUSTOMERS, GONE, PASSWORD, STATEMENT, TEXT
from securedata.classroom.tournament.relay import connected, free_port, relay
from securedata.lab.auditing import honest_use
from securedata.lab.auditing.on_backup import false_certificates
from securedata.lab.auditing.scene import Person, Receipt, Scene
from securedata.lab.auditing.vault_process import (
    ANSWER_SECONDS,
    Answer,
    UnusableError,
    VaultProcess,
)
from securedata.lab.smalldsa import REAL

REQUESTS = 1000
RESTARTS = 2
BODY_BYTES = 1 << 12  # a thousand stored texts must still fit into an honest backup
NEWCOMERS = 4  # honest ones, enrolled together with the attacker: their names look the same
ATTACK = Path("attack")
# What a hostile answer, or a hostile file on the vault's disk, leads to.
UNREADABLE = (
    *(ArithmeticError, AttributeError, LookupError, OSError),
    *(RecursionError, TypeError, ValueError),
)
HONEST_CALLS_AFTER = 12
PAUSE_SECONDS = (0.1, 0.3)  # between two honest calls during the attack


class _Outside:
    """The process that starts vaults and the attack. A class, because two threads talk to it."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)  # a stray `print` is no message
        self._writing = threading.Lock()
        self.given: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
        self._reports: queue.Queue[dict[str, Any]] = queue.Queue()
        self.attack_has_ended = threading.Event()
        self.backup_goes_to = ""  # the place of the server that the next backup meets
        threading.Thread(target=self._read, daemon=True).start()

    def tell(self, **message: object) -> None:
        """Send one message."""
        with self._writing:
            self._out.write(json.dumps(message).encode() + b"\n")
            self._out.flush()

    def started_vault(
        self, folder: str, relays: list[str], order: dict[str, Any]
    ) -> dict[str, Any]:
        """Have a vault started. What it reports: where it listens, or why it failed."""
        self.tell(do="vault", folder=folder, relays=relays, order=order)
        return self._reports.get()

    def _read(self) -> None:
        for line in sys.stdin.buffer:
            message = json.loads(line)
            if message.get("attack") == "ended":
                self.attack_has_ended.set()
            else:
                self._reports.put(message)
        os._exit(1)  # nobody is there any more


class _VaultOutside(VaultProcess):
    """A vault in another sandbox. Its doors are reached through a socket in its folder."""

    def __init__(self, outside: _Outside, turn: threading.RLock) -> None:
        self._outside, self._turn = outside, turn
        self._connection = None

    def open(self, order: dict[str, Any], tls: ssl.SSLContext) -> None:
        """Have it started on its disk, which is in its folder."""
        folder = Path(order["folder"]).parent
        (folder / "leaf.pem").write_bytes(Path(order["leaf_file"]).read_bytes())
        self._backup_port, port = free_port(), free_port()
        if not (folder / "backup.sock").exists():
            relay(f"unix:{folder}/backup.sock", lambda: self._outside.backup_goes_to)
        relays = [f"unix:doors.sock=tcp:{port}", f"tcp:{self._backup_port}=unix:backup.sock"]
        order = order | {"folder": "disk", "leaf_file": "leaf.pem", "path": "my_vault.py"}
        report = self._outside.started_vault(str(folder), relays, order | {"port": port})
        if "failed" in report:
            raise UnusableError(f"the vault does not start: {report['failed']}")
        self._operator = order["operator"]
        self._connection = _ThroughFile(f"unix:{folder}/doors.sock", tls)

    def ask(self, door: str, **arguments: object) -> Answer:
        """Call a door, in turn with others. A backup goes to this port of the referee."""
        if door == "backup":
            return self.ask_for_backup(f"tcp:{arguments['port']}")
        with self._turn:
            return super().ask(door, **arguments)

    def ask_for_backup(self, place: str) -> Answer:
        """Let the operator make a backup, which goes to this place."""
        with self._turn:
            self._outside.backup_goes_to = place
            return super().ask("backup", port=self._backup_port)

    def printed(self) -> str:
        """Nothing: what it prints is kept outside."""
        return ""

    def close(self) -> None:
        """Hang up. It is ended from outside."""
        if self._connection is not None:
            self._connection.close()

    def _why_stuck(self) -> str:
        return "it is stuck"


class _ThroughFile(HTTPSConnection):
    def __init__(self, place: str, tls: ssl.SSLContext) -> None:
        super().__init__("localhost", context=tls, timeout=ANSWER_SECONDS)
        self._place, self._tls = place, tls

    def connect(self) -> None:
        plain = connected(self._place)
        plain.settimeout(self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


class _MatchScene(Scene):
    """A scene whose vaults run in sandboxes of their own, each with a folder for its disk."""

    def __init__(self, source: str, outside: _Outside, turn: threading.RLock) -> None:
        self._outside, self._turn = outside, turn
        self._numbers = itertools.count(1)
        super().__init__(Path("my_vault.py"), source, 1)

    def _new_folder(self) -> Path:
        folder = Path(f"vault-{next(self._numbers)}") / "disk"
        folder.mkdir(parents=True)
        return folder

    def _start_one(self) -> None:
        process = _VaultOutside(self._outside, self._turn)
        self._processes.append(process)
        self._warm.append(process)


@dataclass
class _Target:
    """What the attack is after. The flags that it took are in `taken`."""

    victim: Person
    receipts: list[Receipt]
    texts: list[str]
    customers: set[str]
    names: list[str]
    challenge: str
    taken: set[str] = field(default_factory=set)
    has_named_customers: bool = False


class _Match:
    """One vault, one attack, and honest customers all the time.

    A class, because the attack's calls and the honest ones come from two threads.
    """

    def __init__(self, outside: _Outside, scene: _MatchScene, turn: threading.RLock) -> None:
        self._outside, self._scene, self._turn = outside, scene, turn
        self._requests = self._restarts = 0

    def play(self) -> set[str]:
        """The flags that were taken.

        Raises:
            UnusableError: honest use failed, before, during or after the attack.
        """
        scene = self._scene
        scene.open()
        honest_use.use(scene)
        attacker = self._enrol()
        self._outside.tell(log="honest use before the attack: all is well")
        with self._serving(attacker):
            while not self._outside.attack_has_ended.is_set():
                self._honest_call()
        self._outside.tell(log=f"the attack made {self._requests} requests")
        for _ in range(HONEST_CALLS_AFTER):
            self._honest_call()
        if self._is_one_gone():
            self.target.taken.add(GONE)
        return self.target.taken

    def _enrol(self) -> Person:
        """Attacker, victim, customers and honest newcomers, in any order."""
        scene = self._scene
        new = [scene.enrol(scene.word(7)) for _ in range(NEWCOMERS + 6)]
        attacker, victim, *others = scene.shuffled(new)
        self._honest = others[:NEWCOMERS]
        customers = [person.name for person in others[NEWCOMERS:]]
        strangers = [scene.word(7) for _ in customers]
        owners = scene.shuffled([victim] * 3 + self._honest)
        stored = [scene.store(owner, scene.word(8), scene.text()) for owner in owners]
        theirs = [one for one in stored if one.owner == victim]
        self._kept = [one for one in scene.stored if one.owner != victim]
        self.target = _Target(
            victim,
            [one.receipt for one in theirs],
            [one.text for one in theirs],
            set(customers),
            scene.shuffled([*customers, *strangers]),
            scene.word(12),
        )
        return attacker

    def _honest_call(self) -> None:
        """One thing that customers do. The attacker's calls come between."""
        scene = self._scene
        with self._turn:
            person, door = scene.random.choice(self._honest), honest_use.a_door(scene)
            what = scene.random.randrange(4)
            if what == 0:
                honest_use.comes_back(scene, scene.random.choice(self._kept), door)
            elif what == 1:
                stored = scene.store(person, scene.word(8), scene.text())
                self._kept.append(stored)
                honest_use.comes_back(scene, stored, door)
            elif what == 2:
                honest_use.backs_up(scene, self._kept, 1)
            else:
                self._logs_in(person)
        self._outside.attack_has_ended.wait(scene.random.uniform(*PAUSE_SECONDS))

    def _logs_in(self, person: Person) -> None:
        scene = self._scene
        scene.vault.ask("login", name=person.name, password=scene.word(12))
        answer = scene.vault.ask("login", name=person.name, password=person.password)
        token = scene.expect(answer, "/login")
        name = scene.expect(scene.vault.ask("who", token=token), "/who")
        if name != person.name:
            raise UnusableError("honest use fails: /who gives another name")

    def _is_one_gone(self) -> bool:
        scene, victim = self._scene, self.target.victim
        answer = scene.vault.ask("login", name=victim.name, password=victim.password)
        token = scene.expect(answer, "/login")
        return any(
            scene.vault.ask("retrieve_by_id", token=token, id=receipt["id"]).status != 200
            for receipt in self.target.receipts
        )

    # What the attack may ask.

    @contextmanager
    def _serving(self, attacker: Person) -> Iterator[None]:
        """Serve the attack, which runs meanwhile."""
        ca = issue_certificate("match CA", is_ca=True)
        leaf = issue_certificate("localhost", by=ca, names=LOCALHOST_NAMES)
        (ATTACK / "ca.pem").write_text(ca.certificate_pem, encoding="ascii")
        Path("referee.pem").write_text(leaf.certificate_pem + leaf.private_key_pem, "ascii")
        port, backup_port = free_port(), free_port()
        match = {
            "url": f"https://localhost:{port}",
            "ca_file": "ca.pem",
            "name": attacker.name,
            "password": attacker.password,
            "victim": self.target.victim.name,
            "receipts": self.target.receipts,
            "names": self.target.names,
            "challenge": self.target.challenge,
            **{name: f"{number:x}" for name, number in zip("pqgy", self._key(), strict=True)},
            "requests": REQUESTS,
            "restarts": RESTARTS,
            "backup_port": backup_port,
            "certificates": self._certificates(),
            "vault_source": self._outside.given["shown_source"],
        }
        (ATTACK / "match.json").write_text(json.dumps(match, indent=1), encoding="utf-8")
        with _Serving(self):
            relays = [f"tcp:{port}=unix:referee.sock", f"unix:backup.sock=tcp:{backup_port}"]
            self._outside.tell(do="attack", relays=relays)
            yield

    def _key(self) -> tuple[int, int, int, int]:
        """The vault's public key."""
        return REAL.p, REAL.q, REAL.g, self._scene.y

    def _certificates(self) -> dict[str, str]:
        """One file for each false certificate that the attacker could get, with its key."""
        (ATTACK / "certificates").mkdir()
        files = dict[str, str]()
        for number, (kind, leaf) in enumerate(false_certificates(self._scene)):
            file = f"certificates/{number}.pem"
            pem = leaf.certificate_pem + leaf.private_key_pem
            (ATTACK / file).write_text(pem, encoding="ascii")
            files[f"{kind} {number}"] = file
        return files

    def answer(self, door: str, arguments: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What the attack's call of a door gets."""
        with self._turn:
            if self._outside.attack_has_ended.is_set():
                return 410, {"error": "the match is over"}
            self._requests += 1
            if self._requests > REQUESTS:
                return 429, {"error": f"an attack has {REQUESTS} requests"}
            if door == "flag":
                return 200, {"answer": self._has_taken(arguments)}
            if door == "restart":
                return self._restart()
            if door == "backup":
                self._backup()
                return 200, {"answer": None}
            if door == "enrol":
                return 401, {"error": "for the operator"}
            got = self._scene.vault.ask(door, **arguments)
            return got.status, got.body

    def _backup(self) -> None:
        vault = self._scene.vault
        assert isinstance(vault, _VaultOutside)  # noqa: S101  # this scene has no others
        vault.ask_for_backup(f"unix:{ATTACK}/backup.sock")

    def _restart(self) -> tuple[int, dict[str, Any]]:
        if self._restarts == RESTARTS:
            return 429, {"error": f"an attack has {RESTARTS} restarts"}
        self._restarts += 1
        self._scene.restart()
        return 200, {"answer": None}

    def _has_taken(self, claim: dict[str, Any]) -> bool:
        """Whether this is a flag. Each is looked at by itself."""
        target, taken = self.target, set[str]()
        if claim.get("text") in target.texts:
            taken.add(TEXT)
        if self._is_statement(claim.get("statement")):
            taken.add(STATEMENT)
        if claim.get("password") == self._scene.backup_password:
            taken.add(PASSWORD)
        if "customers" in claim and not target.has_named_customers:
            target.has_named_customers = True  # one answer: two would be a guess
            named = claim["customers"]
            if isinstance(named, list) and target.customers == {*map(str, named)}:
                taken.add(CUSTOMERS)
        target.taken |= taken
        return bool(taken)

    def _is_statement(self, receipt: object) -> bool:
        """Whether the vault calls a receipt valid in which the victim says the challenge."""
        if not isinstance(receipt, dict) or receipt.get("owner") != self.target.victim.name:
            return False
        if self.target.challenge not in str(receipt.get("title")):
            return False
        return self._scene.vault.ask("verify", receipt=receipt).value is True


class _Serving(ThreadingHTTPServer):
    """The attack's way to the vault: POST /store with the arguments in JSON, over TLS."""

    def __init__(self, match: _Match) -> None:
        self.match = match
        super().__init__(("127.0.0.1", 0), _Door)
        relay(f"unix:{ATTACK}/referee.sock", lambda: f"tcp:{self.server_port}")
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain("referee.pem")
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def __enter__(self) -> "_Serving":
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """A client has gone, or its handshake failed."""


class _Door(BaseHTTPRequestHandler):
    server: _Serving
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body of an answer go out together
    timeout = ANSWER_SECONDS

    def do_POST(self) -> None:
        status, answer = self._answered()
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answered(self) -> tuple[int, dict[str, Any]]:
        try:
            length = int(self.headers["Content-Length"] or 0)
            if length > BODY_BYTES:
                self.close_connection = True
                return 413, {"error": f"a body has at most {BODY_BYTES} bytes"}
            arguments = json.loads(self.rfile.read(length) or b"{}")
            return self.server.match.answer(self.path.strip("/"), dict(arguments))
        except (TypeError, ValueError, RecursionError):
            return 400, {"error": "the body must be a JSON object, such as {}"}
        except UnusableError as error:
            return 502, {"error": str(error)}

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _main() -> None:
    """Play the match, and tell its result."""
    outside, turn = _Outside(), threading.RLock()
    scene = _MatchScene(outside.given["source"], outside, turn)
    taken, honest = set[str](), ""
    try:
        taken = _Match(outside, scene, turn).play()
    except UnusableError as error:
        honest = str(error)
    except UNREADABLE as error:
        honest = f"the vault answers with what nobody can read ({type(error).__name__})"
    with suppress(BrokenPipeError):
        outside.tell(do="result", honest=honest, taken=sorted(taken))
    os._exit(0)  # whatever threads there are; the folders are removed outside


if __name__ == "__main__":
    _main()
