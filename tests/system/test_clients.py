"""Clients that we did not write: Postman's runner, and a TLS scanner."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vocabulary import ROOT, RunningService, a_token

from securedata import KeyFile
from securedata.record import ML_DSA_65

POSTMAN = ROOT / "docs" / "postman"
COLLECTION = POSTMAN / "securedata.postman_collection.json"
ENVIRONMENT = POSTMAN / "localhost.postman_environment.json"
NEWMAN = ROOT / ".tools" / "npm" / "node_modules" / ".bin" / "newman"
SSLYZE = ROOT / ".tools" / "sslyze" / "bin" / "python"

EXTRA_CURVES = {"X448", "secp521r1"}  # sound, but not on Mozilla's list; OpenSSL offers them


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One `python app.py` for all of these clients: none of them changes it."""
    with RunningService(tmp_path_factory.mktemp("clients")) as service:
        yield service


# Postman


def newman(service: RunningService, folder: Path, token: str) -> tuple[int, dict[str, Any]]:
    """Newman's exit code, and its report of every request and expectation."""
    command = str(NEWMAN) if NEWMAN.exists() else shutil.which("newman")
    if command is None:
        pytest.skip("needs Newman, Postman's command line: tools/ci_tools.sh installs it")
    report = folder / "newman.json"
    arguments = [command, "run", str(COLLECTION), "-e", str(ENVIRONMENT)]
    arguments += ["--env-var", f"baseUrl={service.url}", "--env-var", f"token={token}"]
    arguments += ["--ssl-extra-ca-certs", str(service.ca_file)]
    arguments += ["--reporters", "cli,json", "--reporter-json-export", str(report)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    assert report.exists(), done.stdout + done.stderr
    run: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))["run"]
    return done.returncode, run


def assert_passes(outcome: tuple[int, dict[str, Any]]) -> None:
    """Every request was sent, has an expectation, and meets it."""
    exit_code, run = outcome
    assert [failure["error"]["message"] for failure in run["failures"]] == []
    assert exit_code == 0
    collection = json.loads(COLLECTION.read_text(encoding="utf-8"))
    assert len(run["executions"]) == sum(len(folder["item"]) for folder in collection["item"])
    assert all(execution.get("assertions") for execution in run["executions"])


def test_the_postman_collection_passes(running: RunningService, tmp_path: Path) -> None:
    assert_passes(newman(running, tmp_path, token=""))


def test_the_postman_collection_passes_where_tokens_are_needed_and_ml_dsa_signs(
    tmp_path: Path,
) -> None:
    KeyFile.load_or_create(tmp_path / "data" / "keys.json", None, ML_DSA_65)
    with RunningService(tmp_path) as service:
        token = a_token(service)
        assert_passes(newman(service, tmp_path, token))
        _, run = newman(service, tmp_path, token="")
    refused = {failure["source"]["name"] for failure in run["failures"]}
    assert {"Store", "Retrieve by the four fields", "Store with the token"} <= refused
    assert not refused & {"Health", "Public key", "The contract, for programs"}


# sslyze


def test_mozilla_would_only_remove_two_curves(running: RunningService) -> None:
    if not SSLYZE.exists():
        pytest.skip("needs sslyze in an environment of its own: tools/ci_tools.sh makes it")
    arguments = [str(SSLYZE), "-m", "sslyze", "--mozilla_config=intermediate"]
    arguments += [f"--certinfo_ca_file={running.ca_file}", f"localhost:{running.port}"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    verdict = done.stdout.partition("COMPLIANCE AGAINST")[2]
    complaints = re.findall(r"^ +\* (\w+): (.*)$", verdict, re.MULTILINE)
    assert [subject for subject, _ in complaints] == ["tls_curves"], done.stdout + done.stderr
    assert set(re.findall(r"'(\w+)'", complaints[0][1])) == EXTRA_CURVES
