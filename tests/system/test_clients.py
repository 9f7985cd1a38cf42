"""Clients that we did not write: Postman's runner, OpenSSL, and a TLS scanner."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vocabulary import ROOT, RunningService, a_token, openssl

POSTMAN = ROOT / "docs" / "postman"
COLLECTION = POSTMAN / "securedata.postman_collection.json"
ENVIRONMENT = POSTMAN / "localhost.postman_environment.json"
NEWMAN = ROOT / ".tools" / "node" / "node_modules" / ".bin" / "newman"
SSLYZE = ROOT / ".tools" / "sslyze" / "bin" / "python"

EXTRA_CURVES = {"X448", "secp521r1"}  # sound, but not on Mozilla's list; OpenSSL offers them


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One `python app.py` for all of these clients: none of them changes it."""
    with RunningService(tmp_path_factory.mktemp("clients")) as service:
        yield service


# Postman


def newman(
    service: RunningService, folder: Path, collection: Path = COLLECTION, *, token: str = ""
) -> tuple[int, dict[str, Any]]:
    """Newman's exit code, and its account of every request and expectation."""
    command = str(NEWMAN) if NEWMAN.exists() else shutil.which("newman")
    if command is None:
        pytest.skip("needs Newman, Postman's command line: tools/ci_tools.sh installs it")
    report = folder / "newman.json"
    arguments = [command, "run", str(collection), "-e", str(ENVIRONMENT)]
    arguments += ["--env-var", f"baseUrl={service.url}", "--env-var", f"token={token}"]
    arguments += ["--ssl-extra-ca-certs", str(service.ca_file)]
    arguments += ["--reporters", "cli,json", "--reporter-json-export", str(report)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    assert report.exists(), done.stdout + done.stderr
    run: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))["run"]
    return done.returncode, run


def requests_in(item: dict[str, Any]) -> Iterator[str]:
    """The names of all requests in a folder of the collection, in order."""
    if "request" in item:
        yield item["name"]
    for inner in item.get("item", []):
        yield from requests_in(inner)


def assert_passes(outcome: tuple[int, dict[str, Any]]) -> None:
    """Every request of the collection was sent, expected something, and got it."""
    exit_code, run = outcome
    assert [failure["error"]["message"] for failure in run["failures"]] == []
    assert exit_code == 0
    sent = [execution["item"]["name"] for execution in run["executions"]]
    assert sent == list(requests_in(json.loads(COLLECTION.read_text(encoding="utf-8"))))
    assert all(execution.get("assertions") for execution in run["executions"])


def test_the_postman_collection_passes(running: RunningService, tmp_path: Path) -> None:
    assert_passes(newman(running, tmp_path))


def test_the_postman_collection_passes_where_tokens_are_needed(tmp_path: Path) -> None:
    with RunningService(tmp_path) as service:
        token = a_token(service)
        assert_passes(newman(service, tmp_path, token=token))
        _, run = newman(service, tmp_path)
    refused = {failure["source"]["name"] for failure in run["failures"]}
    assert {"Store", "Retrieve by the four fields", "Store with the token"} <= refused
    assert not refused & {"Health", "Public key", "The contract, for programs"}


def test_newman_fails_when_expectations_of_the_collection_fail(
    running: RunningService, tmp_path: Path
) -> None:
    text = COLLECTION.read_text(encoding="utf-8")
    for expected in ("securely", "Signature is valid.", "Data may be compromised."):
        text = text.replace(expected, "Something else.")
    changed = tmp_path / "changed.json"
    changed.write_text(text, encoding="utf-8")
    exit_code, run = newman(running, tmp_path, changed)
    assert exit_code != 0
    assert len(run["failures"]) == 2 + 3 + 7


def test_the_collection_and_its_environment_mean_the_address_of_the_readme() -> None:
    collection = json.loads(COLLECTION.read_text(encoding="utf-8"))
    environment = json.loads(ENVIRONMENT.read_text(encoding="utf-8"))
    for variables in (collection["variable"], environment["values"]):
        assert [v["value"] for v in variables if v["key"] == "baseUrl"] == [
            "https://localhost:5000"
        ]


def test_every_request_and_folder_of_the_collection_is_described() -> None:
    collection = json.loads(COLLECTION.read_text(encoding="utf-8"))
    for folder in collection["item"]:
        assert folder["description"]
        assert all(item["request"]["description"] for item in folder["item"])


# OpenSSL


def s_client(service: RunningService, *options: str) -> subprocess.CompletedProcess[str]:
    """OpenSSL's client, as strict as it can be."""
    if openssl("version").stdout.startswith("LibreSSL"):
        pytest.skip("needs OpenSSL: LibreSSL's s_client has other options")
    strict = ("-verify_return_error", "-x509_strict", "-verify_hostname", "localhost")
    address = ("-connect", f"localhost:{service.port}", "-servername", "localhost")
    return openssl("s_client", *address, "-CAfile", service.ca_file, *strict, *options)


@pytest.mark.parametrize(("option", "version"), [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
def test_openssl_verifies_our_certificate_strictly_and_speaks(
    running: RunningService, option: str, version: str
) -> None:
    done = s_client(running, option)
    assert done.returncode == 0, done.stderr
    assert f"New, {version}, Cipher is " in done.stdout
    assert "Verified peername: localhost" in done.stdout
    assert "Verify return code: 0 (ok)" in done.stdout


@pytest.mark.parametrize("option", ["-tls1", "-tls1_1"])
def test_openssl_gets_no_answer_in_an_old_version_of_tls(
    running: RunningService, option: str
) -> None:
    # Today's OpenSSL itself speaks old versions at security level 0 only.
    done = s_client(running, option, "-cipher", "ALL:@SECLEVEL=0")
    assert done.returncode != 0
    written = re.search(r"handshake has read \d+ bytes and written (\d+) bytes", done.stdout)
    assert written is not None, done.stderr
    assert int(written[1]) > 0, "OpenSSL did not even ask"
    assert "New, (NONE), Cipher is (NONE)" in done.stdout


def test_openssl_refuses_us_under_another_ca(running: RunningService, tmp_path: Path) -> None:
    made = openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=another CA"),
        *("-keyout", tmp_path / "key.pem", "-out", tmp_path / "ca.pem"),
    )
    assert made.returncode == 0, made.stderr
    done = s_client(running, "-CAfile", str(tmp_path / "ca.pem"))
    assert done.returncode != 0
    assert "unable to get local issuer certificate" in done.stdout + done.stderr


# sslyze


@pytest.fixture(scope="module")
def scan(
    running: RunningService, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, Any]]:
    """What sslyze prints about the service, and its results in JSON."""
    if not SSLYZE.exists():
        pytest.skip("needs sslyze in an environment of its own: tools/ci_tools.sh makes it")
    report = tmp_path_factory.mktemp("sslyze") / "report.json"
    arguments = [str(SSLYZE), "-m", "sslyze", "--mozilla_config=intermediate"]
    arguments += [f"--certinfo_ca_file={running.ca_file}", f"--json_out={report}"]
    arguments += [f"localhost:{running.port}"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    assert report.exists(), done.stdout + done.stderr
    (server,) = json.loads(report.read_text(encoding="utf-8"))["server_scan_results"]
    assert server["scan_status"] == "COMPLETED", done.stdout
    results: dict[str, Any] = server["scan_result"]
    return done.stdout, results


def test_all_that_mozilla_would_have_otherwise_is_two_extra_curves(
    scan: tuple[str, dict[str, Any]],
) -> None:
    printed, _ = scan
    verdict = printed.partition("COMPLIANCE AGAINST")[2]
    complaints = re.findall(r"^ +\* (\w+): (.*)$", verdict, re.MULTILINE)
    assert [subject for subject, _ in complaints] == ["tls_curves"], verdict
    assert set(re.findall(r"'(\w+)'", complaints[0][1])) == EXTRA_CURVES


def test_sslyze_finds_two_versions_of_tls_and_forward_secret_suites_only(
    scan: tuple[str, dict[str, Any]],
) -> None:
    _, results = scan
    accepted = {
        version: [
            suite["cipher_suite"]["name"]
            for suite in results[f"{version}_cipher_suites"]["result"]["accepted_cipher_suites"]
        ]
        for version in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3")
    }
    assert [version for version, suites in accepted.items() if suites] == ["tls_1_2", "tls_1_3"]
    assert all(name.startswith("TLS_ECDHE_") for name in accepted["tls_1_2"])
    assert all(("_GCM_" in name or "CHACHA20" in name) for name in accepted["tls_1_2"])


def test_sslyze_trusts_our_certificate_with_our_ca(scan: tuple[str, dict[str, Any]]) -> None:
    _, results = scan
    (deployment,) = results["certificate_info"]["result"]["certificate_deployments"]
    validations = {
        validation["trust_store"]["path"]: validation["was_validation_successful"]
        for validation in deployment["path_validation_results"]
    }
    ours = [trusted for path, trusted in validations.items() if path.endswith("/certs/ca.pem")]
    assert ours == [True]


# testssl.sh

# What it would have otherwise, and why it stays as it is.
TESTSSL_COMPLAINTS = {
    "cert_revocation": "a CA on one machine has nowhere to publish revocations: remove ca.pem",
    "HSTS": "it would hold for all of localhost, at every port, and shut out the neighbours",
}
# About the machine that tests, and not about us.
TESTSSL_REMARKS = {"engine_problem"}


@pytest.mark.serial
def test_testssl_finds_no_hole_and_nothing_else_that_we_do_not_mean(
    running: RunningService, tmp_path: Path
) -> None:
    command = shutil.which("testssl") or shutil.which("testssl.sh")
    if command is None:
        pytest.skip("needs testssl.sh: apt-get install testssl.sh")
    report = tmp_path / "testssl.json"
    arguments = [command, "--quiet", "--color=0", "--warnings=off", "--nodns=none"]
    arguments += ["--ip=127.0.0.1", f"--add-ca={running.ca_file}", f"--jsonfile={report}"]
    arguments += ["--protocols", "--server-defaults", "--headers", "--vulnerable"]
    done = subprocess.run(
        [*arguments, running.url], cwd=tmp_path, capture_output=True, text=True, timeout=600
    )
    assert report.exists(), done.stdout + done.stderr
    findings = json.loads(report.read_text(encoding="utf-8"))
    severities = {finding["id"]: finding["severity"] for finding in findings}
    complaints = {name for name, severity in severities.items() if severity not in ("OK", "INFO")}
    assert complaints - TESTSSL_REMARKS == set(TESTSSL_COMPLAINTS), done.stdout
    for name in ("SSLv2", "SSLv3", "TLS1", "TLS1_1", "heartbleed", "CCS", "ROBOT", "LUCKY13"):
        assert severities[name] in ("OK", "INFO"), name  # it was looked for
    assert severities["cert_chain_of_trust"] == severities["cert_trust"] == "OK"
