"""What one audit works with: fresh keys, people, processes, and all receipts so far.

Everything that could be guessed is drawn here, in the audit's own process, from the system's random
source. The vault is told nothing but what a customer or its operator would say.
"""

import os
import secrets
import shutil
import stat
import string
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import Any, BinaryIO, TypeVar

from securedata.certificates.issuing import LOCALHOST_NAMES, issue_certificate
from securedata.certificates.tls import client_context
from securedata_lab.basics.chance import NAMES, sentence
from securedata_lab.basics.small_dsa import REAL, from_bytes, hashed, sign, to_bytes
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_process import (
    Answer,
    UnusableError,
    VaultProcess,
)

# An audit writes a thousand small files, each of which a busy disk may delay.
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
Receipt = dict[str, str]
# No link is followed, and no FIFO waited for. Windows has neither flag.
FILE_ALONE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
FILE_ALONE |= getattr(os, "O_BINARY", 0)  # which only Windows has
PART = 12  # so many letters of a text are no chance
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Person:
    """A customer."""

    name: str
    password: str


@dataclass(frozen=True)
class Stored:
    """A text, the receipt that its owner got for it, and the process that gave it."""

    owner: Person
    text: str
    receipt: Receipt
    process: VaultProcess


def parts_of(text: str) -> set[str]:
    """All parts of a length that is no chance: whoever says one of them has read the text.

    >>> sorted(parts_of("a text of 13."))
    [' text of 13.', 'a text of 13']
    """
    return {text[start : start + PART] for start in range(len(text) - PART + 1)}


def opened(file: Path) -> BinaryIO:
    """A file on a vault's disk, to read.

    The vault's code can make a link of the name, or a FIFO, between two looks at it.

    Raises:
        UnusableError: it is no file, or is gone.

    >>> opened(Path(__file__).parent)
    Traceback (most recent call last):
        ...
    securedata_lab...UnusableError: auditing on the vault's disk is no file, or cannot be read
    """
    with suppress(OSError):
        found = os.fdopen(os.open(file, os.O_RDONLY | FILE_ALONE), "rb")
        if stat.S_ISREG(os.fstat(found.fileno()).st_mode):
            return found
        found.close()
    raise UnusableError(f"{file.name} on the vault's disk is no file, or cannot be read")


def copied(file: str, copy: str) -> None:
    """Copy a file of a vault's disk to a name that is still free.

    Raises:
        UnusableError: it is no file.
        OSError: the name is not free.
    """
    with opened(Path(file)) as old, open(copy, "xb") as new:
        shutil.copyfileobj(old, new)


class AuditRun:
    """One audit of one source. Close it at the end: a `with` block does.

    A class, because the attacks share its processes, its people and what they have stored.
    """

    def __init__(
        self, path: Path, source: str, processes: int, pulse: Callable[[], None] = lambda: None
    ) -> None:
        self.random = SystemRandom()
        self._path, self.source = path, source
        self._folder = tempfile.TemporaryDirectory(
            prefix="audit-", dir=IN_MEMORY, ignore_cleanup_errors=True
        )
        ca = issue_certificate("audit CA", is_ca=True)
        leaf = issue_certificate("localhost", by=ca, names=LOCALHOST_NAMES)
        leaf_file, tls = self._new_folder() / "leaf.pem", client_context(ca.certificate_pem)
        leaf_file.write_text(leaf.certificate_pem + leaf.private_key_pem, encoding="ascii")

        def start() -> VaultProcess:
            return VaultProcess(self._new_folder(), leaf_file, tls, pulse)

        # So many start now, and each is given its order when it is needed.
        self._start: Callable[[], VaultProcess] = start
        self._processes = [self._start() for _ in range(processes)]
        self._waiting = list(self._processes)
        self._operator = secrets.token_hex(16)
        self.x, self.attackers_x = (secrets.randbelow(REAL.q - 1) + 1 for _ in range(2))
        self.y, self.attackers_y = (pow(REAL.g, x, REAL.p) for x in (self.x, self.attackers_x))
        self._keys = self._drawn_keys(self.x, self.y)
        self.disk = self._new_folder()
        self.people = list[Person]()  # whom honest use enrols
        self.stored = list[Stored]()
        self._tokens = dict[tuple[VaultProcess, Person], str]()
        self._odd = dict[str, Person | None]()  # whom the operator took, or refused
        self._copy: VaultProcess | None = None

    def __enter__(self) -> "AuditRun":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.close()
        self._folder.cleanup()

    # Processes.

    def open(self) -> None:
        """Start the vault.

        Raises:
            UnusableError: it does not start.
        """
        self.vault = self.another(self.disk)

    def another(self, disk: Path) -> VaultProcess:
        """One more process of the vault, with the same keys, on this disk.

        Raises:
            UnusableError: it does not start.
        """
        return self._opened(self.source, self._keys, disk)

    def copy(self) -> VaultProcess:
        """The attacker's copy of the code, with the attacker's keys and a copy of the disk."""
        if self._copy is None:
            keys = self._drawn_keys(self.attackers_x, self.attackers_y)
            self._copy = self._opened(self.source, keys, self.copied_disk())
        return self._copy

    def restart(self) -> None:
        """End the vault, and start it again on its disk."""
        self.vault.close()
        self.vault = self.another(self.disk)

    def copied_disk(self) -> Path:
        """A copy of the disk as it is now."""
        folder = self._new_folder()
        return shutil.copytree(
            self.disk, folder, symlinks=True, copy_function=copied, dirs_exist_ok=True
        )

    def _opened(self, source: str, keys: dict[str, Any], disk: Path) -> VaultProcess:
        if not self._waiting:
            self._waiting = [self._start()]
            self._processes += self._waiting
        process = self._waiting.pop()
        order = {
            "path": str(self._path),
            "source": source,
            "keys": keys,
            "folder": str(disk),
            "operator": self._operator,
        }
        process.open(order)
        return process

    def printed(self) -> str:
        """What the student's code has printed last, in the first process that printed."""
        return next(filter(None, (process.printed() for process in self._processes)), "")

    # People and texts.

    def enrol(self, name: str) -> Person:
        """A new customer.

        Raises:
            UnusableError: the operator is refused.
        """
        person = Person(name, self.word(12))
        self.expect(self.vault.ask("enrol", name=name, password=person.password), "/enrol")
        return person

    def token(self, person: Person, process: VaultProcess | None = None) -> str:
        """A token for a customer, who logs in once at each process.

        Raises:
            UnusableError: the right password is refused.
        """
        process = process or self.vault
        if (process, person) not in self._tokens:
            answer = process.ask("login", name=person.name, password=person.password)
            self._tokens[process, person] = self.expect(answer, "/login")
        return self._tokens[process, person]

    def store(
        self, owner: Person, title: str, text: str, process: VaultProcess | None = None
    ) -> Stored:
        """Have a text stored, and keep the receipt.

        Raises:
            UnusableError: it is refused.
        """
        process = process or self.vault
        token = self.token(owner, process)
        answer = process.ask("store", token=token, title=title, text=text)
        stored = Stored(owner, text, self.expect(answer, "/store"), process)
        self.stored.append(stored)
        return stored

    def may_enrol(self, name: str) -> Person | None:
        """A customer with an odd name; None if the operator is refused, which is no fault."""
        if name not in self._odd:
            person = Person(name, self.word(12))
            answer = self.vault.ask("enrol", name=name, password=person.password)
            self._odd[name] = person if answer.status == 200 else None
        return self._odd[name]

    def may_store(self, owner: Person, title: str) -> Receipt | None:
        """The receipt of a text with an odd title; None if it is refused, which is no fault."""
        token = self.vault.ask("login", name=owner.name, password=owner.password).value
        answer = self.vault.ask("store", token=token, title=title, text=self.text())
        return answer.value if isinstance(answer.value, dict) else None

    def expect(self, answer: Answer, endpoint: str) -> Any:
        """What an honest customer gets.

        Raises:
            UnusableError: nothing, since the vault refused or failed.
        """
        if answer.status == 200:
            return answer.value
        raise UnusableError(f"honest use fails at {endpoint}: {answer.why}")

    # What an attacker can do alone.

    def signed_bytes(self, receipt: Receipt) -> bytes:
        """What a signature on this receipt covers: everybody knows the code.

        Raises:
            UnusableError: the code does not say.
        """
        answer = self.copy().ask("signed_bytes", receipt=receipt)
        return bytes.fromhex(self.expect(answer, "signed_bytes"))

    def proved_bytes(self, receipt: Receipt) -> bytes:
        """What the vault's signature on this receipt covers: the copy says it, and DSA proves it.

        The audit knows x. So it computes k, which is faster than to verify.

        Raises:
            UnusableError: they do not belong together.
        """
        message = self.signed_bytes(receipt)
        if not self._fits(message, receipt["signature"]):
            raise UnusableError(
                "nobody else can verify a receipt: its signature is not one of signed_bytes under y"
            )
        return message

    def is_believed(self, claim: Receipt) -> bool:
        """Whether /verify calls this claim valid, or anybody else who verifies its signature.

        The vault's `verify` may know more, such as all receipts. DSA alone does not.

        Raises:
            UnusableError: the vault, or the copy, which says what is signed, does not answer.
        """
        return self.vault.verifies(claim) or self._is_signed(claim)

    def _is_signed(self, claim: Receipt) -> bool:
        said = self.copy().ask("signed_bytes", receipt=claim).value  # it may refuse a claim
        return said is not None and self._fits(bytes.fromhex(said), claim["signature"])

    def _fits(self, message: bytes, signature: str) -> bool:
        r, s = from_bytes(bytes.fromhex(signature))
        k = (hashed(message, REAL.q) + self.x * r) * pow(s, -1, REAL.q)
        return 0 < s < REAL.q and pow(REAL.g, k % REAL.q, REAL.p) % REAL.q == r

    def bytes_to_sign(self, stored: Receipt, change: Receipt) -> bytes:
        """What a signature on this stored receipt with a change covers; proved if nothing changes.

        Raises:
            UnusableError: the code does not say, or the vault has signed something else.
        """
        return self.signed_bytes(stored | change) if change else self.proved_bytes(stored)

    def signed_by_attacker(self, stored: Receipt, change: Receipt) -> Receipt:
        """The receipt with a change, with the attacker's public key and signature."""
        h = hashed(self.bytes_to_sign(stored, change), REAL.q)
        signature = sign(REAL, self.attackers_x, h, secrets.randbelow(REAL.q - 1) + 1)
        key = {"public_key": f"{self.attackers_y:x}"}
        return stored | change | key | {"signature": to_bytes(signature).hex()}

    # What is drawn.

    def word(self, length: int) -> str:
        """Lower-case letters."""
        return "".join(self.random.choices(string.ascii_lowercase, k=length))

    def text(self, unlike: str = "") -> str:
        """A sentence that nobody guesses, without any long part of the other one."""
        while parts_of(unlike) & parts_of(text := sentence(self.random)):
            pass
        return text

    def name(self) -> str:
        """A customer's name."""
        return f"{self.random.choice(NAMES)}-{self.word(3)}"

    def shuffled(self, things: Iterable[Thing]) -> list[Thing]:
        """The same in another order."""
        listed = list(things)
        return self.random.sample(listed, len(listed))

    def _new_folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._folder.name))

    def _drawn_keys(self, x: int, y: int) -> dict[str, Any]:
        return {
            "p": REAL.p,
            "q": REAL.q,
            "g": REAL.g,
            "x": x,
            "y": y,
            "for_texts": secrets.token_hex(32),
            "for_tokens": secrets.token_hex(32),
        }
