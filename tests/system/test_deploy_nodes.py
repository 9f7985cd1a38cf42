"""Two nodes, each with a copy of the key file, as docs/deploy.md has it, and a load balancer.

Keys are rotated and handed out, one node goes down, and nobody who asks notices.
"""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from machine import Machine, blocks
from proxies import Nginx
from vocabulary import Reachable, ask, mode

pytestmark = pytest.mark.thorough

SECTION = "Many nodes"


class Nodes:
    """Two machines on one database, made as the page has it, and the token of alice."""

    def __init__(self, first: Machine, second: Machine) -> None:
        self.first, self.second = first, second
        (first.root / "nodes" / "node2").symlink_to(second.root)
        first.follow("Install")
        # The same again, but what takes long is the first one's.
        (second.root / "opt").symlink_to(first.root / "opt")
        ((_, install),) = blocks("Install")
        second.run("\n".join(line for line in install.splitlines() if "/opt/" not in line))
        options = first.root / "etc/securedata/environment"
        with options.open("a") as file:
            file.write(f"SECUREDATA_DATABASE=sqlite:///{first.root}/shared.sqlite3\n")
        (second.root / "etc/securedata/environment").write_text(options.read_text())
        tools, token, certificate, self.rotate_key, self.rotate_signer = (
            content for language, content in blocks(SECTION) if language == "sh"
        )
        first.run(tools)
        self.token = first.run(token).strip()
        first.run(certificate)
        for node in (first, second):
            node.ca_file = node.root / "var/lib/securedata/certs/cert.pem"
            ((_, start), _) = blocks("With systemd")
            node.run(start.replace("ca.pem", "cert.pem"))

    def post(self, node: Reachable, path: str, body: object) -> tuple[int, dict[str, Any]]:
        bearer = {"Authorization": f"Bearer {self.token}"}
        answer = ask(node, "POST", path, json=body, headers=bearer)
        return answer.status_code, answer.json()


class Users:
    """Two who store at one node and retrieve from the other, all the time."""

    def __init__(self, nodes: Nodes) -> None:
        self.refused: list[object] = []
        self._nodes = nodes
        self._rounds = 0
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=[turn]) for turn in (0, 1)]

    def wait(self) -> None:
        """Return when all that was under way has ended, and more was asked."""
        until = self._rounds + 6
        while self._rounds < until and not self.refused:
            time.sleep(0.01)

    def _ask(self, turn: int) -> None:
        nodes = [self._nodes.first, self._nodes.second]
        while not self._done.is_set():
            turn = 1 - turn
            status, answer = self._nodes.post(nodes[turn], "/store", {"data": "x"})
            if status == 200:
                asked = {"record_id": answer["record_id"]}
                status, answer = self._nodes.post(nodes[1 - turn], "/retrieve", asked)
            if status != 200:
                self.refused.append(answer)
            self._rounds += 1

    def __enter__(self) -> "Users":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    folder = tmp_path_factory.mktemp("nodes")
    with Machine(folder / "node1") as first, Machine(folder / "node2") as second:
        yield Nodes(first, second)


class Balancer(Nginx):
    """docs/deploy/nginx.conf with the changes that the page has for two nodes."""

    def __init__(self, folder: Path, nodes: Nodes) -> None:
        super().__init__(folder, nodes.first.port, nodes.first.ca_file)
        self._second = nodes.second.port

    def committed(self, file: str) -> str:
        text = super().committed(file)
        ((_, upstream),) = (block for block in blocks(SECTION) if block[0] == "nginx")
        ((_, changes),) = (block for block in blocks(SECTION) if block[0] == "diff")
        for old, new in re.findall(r"^-(.*)\n\+(.*)$", changes, re.M):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        upstream = upstream.replace("node1:5000", "127.0.0.1:5000")
        return upstream.replace("node2:5000", f"127.0.0.1:{self._second}") + text


def rows_of_keys(node: Machine) -> dict[str, int]:
    """How many records each state of a key (next, primary, earlier) wraps."""
    listed = node.run("securedata keys").partition("Signers")[0]
    assert "not in this key file" not in listed
    found = re.findall(r"^  [0-9a-f]{16}  (\w+) .* (\d+)$", listed, re.M)
    return {state: sum(int(rows) for its, rows in found if its == state) for state, _ in found}


@pytest.mark.parametrize("what", ["key", "signer"])
def test_rotating_with_copies_handed_out_is_noticed_by_nobody(nodes: Nodes, what: str) -> None:
    kept = nodes.post(nodes.second, "/store", {"data": "before"})[1]
    with Users(nodes) as users:
        for command in (nodes.rotate_key if what == "key" else nodes.rotate_signer).splitlines():
            users.wait()  # an operator is slower than a script
            nodes.first.run(command)
    assert users.refused == []
    assert nodes.post(nodes.second, "/retrieve", kept["data"])[0] == 200
    handed_out = nodes.second.root / "var/lib/securedata/data/keys.json"
    assert (
        handed_out.read_bytes()
        == (nodes.first.root / "var/lib/securedata/data/keys.json").read_bytes()
    )
    assert mode(handed_out) == 0o600
    rows = rows_of_keys(nodes.first)
    assert rows["primary"] > 0
    assert rows.get("earlier", 0) == rows.get("next", 0) == 0


def test_a_token_is_good_at_a_node_once_its_key_file_is_handed_out(nodes: Nodes) -> None:
    token = nodes.first.run("securedata token create bob").strip()
    bearer = {"Authorization": f"Bearer {token}"}
    statuses = []
    for _ in range(2):
        answer = ask(nodes.second, "POST", "/store", json={"data": "x"}, headers=bearer)
        statuses.append(answer.status_code)
        nodes.first.run("securedata-hand-out node2")
    assert statuses == [401, 200]


def test_a_load_balancer_verifies_the_nodes_and_leaves_out_one_that_is_down(
    nodes: Nodes, tmp_path: Path
) -> None:
    with Balancer(tmp_path, nodes) as balancer:
        for node in (nodes.first, nodes.second):
            seen = node.log().count("/store")
            while node.log().count("/store") == seen:
                assert nodes.post(balancer, "/store", {"data": "x"})[0] == 200
        nodes.second.run("systemctl stop securedata")
        for _ in range(10):
            assert nodes.post(balancer, "/store", {"data": "x"})[0] == 200
        nodes.second.run("systemctl start securedata")
