"""Schemathesis reads /openapi.json, and tries to make the service break its word."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from soak.rounds import rounds
from vocabulary import ROOT, RunningService, a_token

from securedata.web.openapi import openapi_document

pytestmark = pytest.mark.serial

SCHEMATHESIS = ROOT / ".tools" / "schemathesis" / "bin" / "schemathesis"
CONFIG = ROOT / "tests" / "system" / "schemathesis.toml"
OPERATIONS = ("POST /store", "POST /retrieve", "GET /health", "GET /public-key")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with RunningService(tmp_path_factory.mktemp("schemathesis")) as service:
        yield service


def schemathesis(
    service: RunningService, folder: Path, document: str, *options: str
) -> tuple[int, str]:
    """Its exit code, and what it prints, about the service by this document."""
    if not SCHEMATHESIS.exists():
        pytest.skip("needs schemathesis in an environment of its own: tools/ci_tools.sh makes it")
    command = [str(SCHEMATHESIS), "--config-file", str(CONFIG), "run", document]
    command += ["--url", service.url, "--tls-verify", str(service.ca_file)]
    command += ["--checks", "all", "--continue-on-failure", "--seed", "1"]
    command += ["--generation-database", "none", "--no-color", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1800)
    return done.returncode, done.stdout + done.stderr


def requests_of(service: RunningService) -> dict[str, int]:
    """How often each operation was asked, by the service's own log."""
    lines = re.findall(r" ([A-Z]+ /\S+) \d{3}", service.log.read_text(encoding="utf-8"))
    return {operation: lines.count(operation) for operation in OPERATIONS}


@rounds("examples", test=100, soak=2000)
def test_no_case_makes_the_service_break_its_word(
    running: RunningService,
    tmp_path: Path,
    examples: int,
    record_property: Callable[[str, object], None],
) -> None:
    before = requests_of(running)
    code, printed = schemathesis(
        running, tmp_path, f"{running.url}/openapi.json", "--max-examples", str(examples)
    )
    assert code == 0, printed[:5000]
    for operation, count in requests_of(running).items():
        record_property(operation, count - before[operation])
    assert min(requests_of(running)[post] - before[post] for post in OPERATIONS[:2]) >= examples
    assert re.search(r"API Links: +3 covered", printed), printed[:5000]
    assert "Traceback" not in running.log.read_text(encoding="utf-8")


def test_where_a_token_is_needed_no_case_gets_in_without(tmp_path: Path) -> None:
    with RunningService(tmp_path) as service:
        token = a_token(service)
        document = f"{service.url}/openapi.json"
        options = ("--header", f"Authorization: Bearer {token}", "--max-examples", "20")
        code, printed = schemathesis(service, tmp_path, document, *options)
    assert code == 0, printed[:5000]
    log = service.log.read_text(encoding="utf-8")
    for post in OPERATIONS[:2]:
        assert f" {post} 401 TokenError" in log  # it tried without, and with a wrong one
        assert f" {post} 200" in log


def test_schemathesis_complains_of_a_document_that_is_wrong(
    running: RunningService, tmp_path: Path
) -> None:
    document = openapi_document(token_needed=False)
    del document["paths"]["/store"]["post"]["responses"]["400"]
    document["components"]["schemas"]["Receipt"]["properties"]["owner"] = {"const": "somebody"}
    (tmp_path / "wrong.json").write_text(json.dumps(document), encoding="utf-8")
    one = ("--include-path", "/store", "--phases", "coverage")
    code, printed = schemathesis(running, tmp_path, "wrong.json", *one)
    assert code == 1, printed[:5000]
    assert "Undocumented status code" in printed
    assert "Response violates schema" in printed
