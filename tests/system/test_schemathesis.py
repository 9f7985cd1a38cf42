"""Schemathesis reads /openapi.json, and tries to make the service break its word."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from soak.rounds import rounds
from vocabulary import ROOT, RunningService

pytestmark = pytest.mark.serial

SCHEMATHESIS = ROOT / ".tools" / "schemathesis" / "bin" / "schemathesis"
CONFIG = ROOT / "tests" / "system" / "schemathesis.toml"
OPERATIONS = ("POST /store", "POST /retrieve", "GET /health", "GET /public-key")


def requests_of(service: RunningService) -> dict[str, int]:
    """How often each operation was asked, by the service's own log."""
    lines = re.findall(r" ([A-Z]+ /\S+) \d{3}", service.log.read_text(encoding="utf-8"))
    return {operation: lines.count(operation) for operation in OPERATIONS}


@rounds("examples", test=100, soak=2000)
def test_no_case_makes_the_service_break_its_word(
    service: RunningService,
    tmp_path: Path,
    examples: int,
    record_property: Callable[[str, object], None],
) -> None:
    if not SCHEMATHESIS.exists():
        pytest.skip("needs schemathesis in an environment of its own: tools/ci_tools.sh makes it")
    command = [str(SCHEMATHESIS), "--config-file", str(CONFIG)]
    command += ["run", f"{service.url}/openapi.json", "--tls-verify", str(service.ca_file)]
    command += ["--checks", "all", "--continue-on-failure", "--seed", "1", "--no-color"]
    command += ["--generation-database", "none", "--max-examples", str(examples)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stdout[:5000] + done.stderr
    asked = requests_of(service)
    for operation, count in asked.items():
        record_property(operation, count)
    assert min(asked[operation] for operation in OPERATIONS[:2]) >= examples
    assert re.search(r"API Links: +3 covered", done.stdout), done.stdout[:5000]
    assert "Traceback" not in service.log.read_text(encoding="utf-8")
