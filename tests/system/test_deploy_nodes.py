"""Two nodes, each with a copy of the key file, as docs/deploy.md has it, and a load balancer.

Keys are rotated and handed out, and one node goes down.
"""

import re
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
def test_both_nodes_answer_after_each_step_of_a_rotation(nodes: Nodes, what: str) -> None:
    pairs = [(nodes.first, nodes.second), (nodes.second, nodes.first)]
    for command in (nodes.rotate_key if what == "key" else nodes.rotate_signer).splitlines():
        nodes.first.run(command)
        for here, there in pairs:
            status, receipt = nodes.post(here, "/store", {"data": "x"})
            assert (status, command) == (200, command)
            assert nodes.post(there, "/retrieve", receipt["data"])[0] == 200
    assert mode(nodes.second.root / "var/lib/securedata/data/keys.json") == 0o600
    rows = rows_of_keys(nodes.first)
    assert rows["primary"] > 0
    assert rows.get("earlier", 0) == rows.get("next", 0) == 0


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
