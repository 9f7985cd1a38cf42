"""Words that the tests are written in."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

from securedata import AeadKey, KeyRing, RecordStore, SealedRecord, SigningKey, Vault, seal

ROOT = Path(__file__).parent.parent
CREATED = "2026-01-02T03:04:05Z"


def a_vault(folder: Path) -> Vault:
    """A vault with new keys on an SQLite file in this folder."""
    signer = SigningKey.generate()
    return Vault(
        RecordStore(f"sqlite:///{folder}/records.sqlite3"),
        keys=KeyRing(AeadKey.generate()),
        signer=signer,
        signers=KeyRing(signer.verifying_key),
    )


def a_record(
    plaintext: bytes = b"attack at dawn",
    *,
    keys: KeyRing[AeadKey],
    signer: SigningKey,
    record_id: str = "00112233445566778899aabbccddeeff",
    owner: str = "local",
) -> SealedRecord:
    return seal(
        plaintext, record_id=record_id, owner=owner, created=CREATED, keys=keys, signer=signer
    )


def flipped(data: bytes, bit: int) -> bytes:
    """The same bytes, but for one bit; bit 0 is the first bit of the first byte."""
    return bytes(
        byte ^ (0x80 >> bit % 8) if place == bit // 8 else byte for place, byte in enumerate(data)
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class RunningService:
    """`python app.py` in a process of its own: start, kill as a power cut would, start again."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        self.ca_file = folder / "certs" / "ca.pem"
        self.log = folder / "service.log"
        self._options = options

    def start(self) -> None:
        command = [sys.executable, str(ROOT / "app.py"), "--port", str(self.port), *self._options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, "the service did not answer within 30 s"
            time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it as Ctrl-C does, and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=10)

    def post(self, path: str, body: object) -> requests.Response:
        return requests.post(self.url + path, json=body, verify=str(self.ca_file), timeout=30)

    def _answers(self) -> bool:
        if not self.ca_file.exists():
            return False
        try:
            return requests.get(f"{self.url}/health", verify=str(self.ca_file), timeout=5).ok
        except requests.RequestException:
            return False

    def __enter__(self) -> "RunningService":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()
