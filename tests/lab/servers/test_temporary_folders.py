"""What a killed kernel left behind is gone at the next start; what a living one uses stays."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from securedata.lab.servers.temporary_folders import LOCK, temporary_folder

KERNEL = "from securedata.lab import serve; serve(); print(1); input()"


def age(folder: Path) -> None:
    os.utime(folder / LOCK, (0, 0))


def test_a_killed_kernels_folder_is_deleted_at_the_next_start_and_a_living_ones_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    kernels = []
    for _ in range(2):
        kernel = subprocess.Popen(
            [sys.executable, "-c", KERNEL],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert kernel.stdout is not None
        assert kernel.stdout.readline() == b"1\n"
        kernels.append(kernel)
    dead, living = kernels
    folders = [*tmp_path.glob("securedata-*")]
    assert len(folders) == 2
    dead.kill()
    dead.wait()
    others = tmp_path / "securedata-notes"
    others.mkdir()
    for folder in folders:
        age(folder)
    ours = temporary_folder()
    assert len({*tmp_path.iterdir()} - {ours, others}) == 1  # that of the living kernel
    living.communicate(b"\n")
    assert {*tmp_path.iterdir()} == {ours, others}


def test_a_folder_that_was_made_a_moment_ago_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    new = tmp_path / "securedata-new"
    new.mkdir()
    (new / LOCK).touch()
    temporary_folder()
    assert new.exists()
    age(new)
    temporary_folder()
    assert not new.exists()
