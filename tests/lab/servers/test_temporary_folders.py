"""What a killed kernel left behind is gone at a later start; what a living one uses stays."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from securedata_lab.servers.temporary_folders import LOCK, temporary_folder

KERNEL = "from securedata_lab import serve; serve(); print(1); input()"


def test_a_killed_kernels_folder_is_deleted_once_it_is_old_and_a_living_ones_is_not(
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
    temporary_folder()
    assert {*folders} < {*tmp_path.iterdir()}  # one that was made a moment ago is left alone
    for folder in folders:
        os.utime(folder / LOCK, (0, 0))
    temporary_folder()
    assert len({*folders} & {*tmp_path.iterdir()}) == 1  # that of the living kernel
    living.communicate(b"\n")
    assert not {*folders} & {*tmp_path.iterdir()}
    assert others.exists()
