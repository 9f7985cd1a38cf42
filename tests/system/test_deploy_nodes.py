"""Two nodes, each with a copy of the key file, as docs/deploy.md has it: keys are rotated."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from machine import Machine, blocks
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


def rows_of_keys(node: Machine) -> dict[str, int]:
    """How many records each state of a key (next, primary, earlier) wraps."""
    listed = node.run("securedata keys").partition("Signer id")[0]
    assert "not in this key file" not in listed
    found = re.findall(r"^[0-9a-f]{16}  (\w+) .* (\d+)$", listed, re.M)
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
