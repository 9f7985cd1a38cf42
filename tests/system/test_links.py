"""A key file that is reached in two ways is one file: for its server, and for every command."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from cli.terminal import Terminal
from vocabulary import RunningService, ask

from securedata import KeyFile
from securedata.keys.file import is_protected

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(os.name != "posix", reason="on Windows, links need a right"),
]


def a_link(real: Path, folder: Path) -> Path:
    (folder / "link.json").symlink_to(real)
    return folder / "link.json"


def a_link_to_a_relative_link(real: Path, folder: Path) -> Path:
    (folder / "middle.json").symlink_to(os.path.relpath(real, folder))
    (folder / "link.json").symlink_to("middle.json")
    return folder / "link.json"


def a_link_to_the_folder(real: Path, folder: Path) -> Path:
    (folder / "link").symlink_to(real.parent)
    return folder / "link" / real.name


def a_relative_path(real: Path, folder: Path) -> Path:
    return Path(os.path.relpath(real))


Way = Callable[[Path, Path], Path]
WAYS: list[Way] = [a_link, a_link_to_a_relative_link, a_link_to_the_folder, a_relative_path]


class Pair:
    """A server that has a key file by one path, and a terminal that has it by another."""

    def __init__(self, service: RunningService, real: Path, terminal: Terminal) -> None:
        self.service, self.real, self.terminal = service, real, terminal
        self.token = ""
        self.records: list[str] = []

    def post(self, path: str, body: object) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return ask(self.service, "POST", path, json=body, headers=headers)

    def store(self) -> str:
        """Store a text, find all texts again, and say who has signed the new one."""
        receipt = self.post("/store", {"data": "attack at dawn"}).json()
        self.records.append(receipt["record_id"])
        self.assert_all_readable()
        return str(receipt["signer_id"])

    def assert_all_readable(self) -> None:
        answers = [self.post("/retrieve", {"record_id": it}) for it in self.records]
        assert [it.json().get("decrypted_data") for it in answers] == ["attack at dawn"] * len(
            answers
        ), self.service.log.read_text()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere"


def a_pair(tmp_path: Path, real: Path, server: Path, terminal: Path) -> Pair:
    typed = Terminal(tmp_path)
    typed.keys = terminal
    service = RunningService(tmp_path, "--keys", str(server), "--database", typed.url)
    return Pair(service, real, typed)


@pytest.mark.parametrize("server_has_the_link", [False, True], ids=["real", "linked"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_a_command_changes_by_one_path_a_server_by_another_path_follows(
    tmp_path: Path, folder: Path, way: Way, server_has_the_link: bool
) -> None:
    real = KeyFile.create(tmp_path / "data" / "keys.json").path
    by_link = way(real, folder)
    paths = (by_link.absolute(), real) if server_has_the_link else (real, by_link)
    pair = a_pair(tmp_path, real, *paths)
    said, is_link = pair.terminal.said, by_link.is_symlink()
    with pair.service:
        first = pair.store()
        for command in ("rotate --prepare", "rotate", "rotate --resume"):
            said(*command.split())
            pair.store()
        assert len(pair.terminal.records.count_by("key_id")) == 1  # the server took the new key
        for command in ("rotate --signer --prepare", "rotate --signer"):
            answer = said(*command.split())
            signer = pair.store()
        assert f"Signer {signer} signs from now on" in answer
        said("keys", "end", first)
        assert ask(pair.service, "GET", f"/public-key?signer_id={first}").headers["Signer-Until"]
        said("rotate")
        said("keys", "retire", "--force")
        pair.store()
        token = said("token", "create", "local", "--take-over").strip()
        assert pair.post("/store", {"data": ""}).status_code == 401
        pair.token = token
        pair.store()
        said("token", "revoke", "local")
        assert pair.post("/store", {"data": ""}).status_code == 401
        pair.token = said("token", "create", "local", "--take-over").strip()
        said("passphrase", SECUREDATA_NEW_PASSPHRASE="correct horse")
        assert is_protected(real)
        said("passphrase", "--remove", SECUREDATA_PASSPHRASE="correct horse")
        pair.store()
    assert by_link.is_symlink() == is_link
    assert by_link.samefile(real)
    with pair.service:
        pair.store()


@pytest.mark.parametrize("to_its_folder", [False, True], ids=["file", "folder"])
@pytest.mark.parametrize("command", ["serve", "keys create", "token create local --take-over"])
def test_a_link_to_nothing_yet_has_the_new_keys_made_where_it_leads(
    tmp_path: Path, folder: Path, command: str, to_its_folder: bool
) -> None:
    real = tmp_path / "made" / "keys.json"
    by_link = (a_link_to_the_folder if to_its_folder else a_link)(real, folder)
    pair = a_pair(tmp_path, real, real, by_link)
    if command == "serve":
        with a_pair(tmp_path, real, by_link, by_link).service:
            pass
    else:
        pair.token = pair.terminal.said(*command.split()).strip() if "token" in command else ""
        if "keys" in command:
            pair.terminal.said(*command.split())
    assert (folder / os.listdir(folder)[0]).is_symlink()
    assert real.samefile(by_link)
    with pair.service:
        pair.store()


def test_a_server_and_a_command_follow_a_link_that_was_changed_in_between(
    tmp_path: Path, folder: Path
) -> None:
    old = KeyFile.create(tmp_path / "old.json")
    new = tmp_path / "new.json"
    by_link = a_link(old.path, folder)
    pair = a_pair(tmp_path, new, by_link, by_link)
    with pair.service:
        pair.store()
        before = old.path.read_bytes()
        old.path.rename(new)  # as a volume is moved: its link is changed afterwards
        by_link.unlink()
        by_link.symlink_to(new)
        pair.terminal.said("rotate")
        pair.store()
        assert new.read_bytes() != before
