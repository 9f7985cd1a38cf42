"""A folder in the place of a fresh machine. The commands of docs/deploy.md run in it as printed.

Absolute paths lead into the folder, and ports are free ones. Packages, users and systemd have
stand-ins. Everything else is real.
"""

import configparser
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

from crowd import wait_until
from proxies import NGINX_MAIN
from vocabulary import ROOT, free_port, tool

PAGE = ROOT / "docs" / "deploy.md"
COPIED = ["pyproject.toml", "README.md", "LICENSE", "securedata", "docs/deploy"]
FOLDERS = ["etc/systemd/system", "etc/nginx/conf.d", "etc/caddy", "usr/local/sbin"]
FOLDERS += ["var/log/nginx", "var/backups", "nodes"]
TOOLS = ["caddy", "curl", "nginx", "openssl", "rsync", "sqlite3"]

STAND_INS = {
    "apt-get": "exit 0",
    "useradd": "exit 0",
    "chown": "exit 0",
    # runuser -u NAME -- COMMAND: there is one user only here.
    "runuser": 'shift 3; exec "$@"',
    # Only root can give files away. All else that `install` is told stays.
    "install": """
        for word in "$@"; do
            shift
            case $word in securedata) ;; -o|-g) ;; *) set -- "$@" "$word" ;; esac
        done
        exec {install} "$@" """,
    # Other machines are folders in nodes/.
    "rsync": """
        for word in "$@"; do
            shift
            node=${{word#root@}}
            case $word in
                --chown=*) ;;
                root@*) set -- "$@" "{root}/nodes/${{node%%:*}}${{node#*:}}" ;;
                *) set -- "$@" "$word" ;;
            esac
        done
        exec {rsync} "$@" """,
    # python3 -m venv FOLDER: packages that the tests have need not be fetched again.
    "python3": """
        {python} "$@"
        echo {packages} > "$(echo "$3"/lib/python*/site-packages)/those-of-the-tests.pth" """,
    "python": 'exec "$(dirname "$0")/python3" "$@"',
    "nginx": 'exec {nginx} -p {root} -c etc/nginx/nginx.conf -e start.log "$@"',
}


def blocks(section: str) -> list[tuple[str, str]]:
    """The language and content of each block in a section of the page, in order."""
    page = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    assert found is not None, section
    return re.findall(r"^```(\w+)\n(.*?)^```$", found[1], re.M | re.S)


class Machine:
    """A fresh machine with a copy of the repository in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port, self.proxy_port = free_port(), free_port()
        self.url = f"https://localhost:{self.port}"
        self.ca_file = root / "var/lib/securedata/certs/ca.pem"
        self._services: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Machine":
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True)
        self._write_stand_ins()
        self._copy_repository()
        path = [self.root / "stand-ins", self.root / "usr/local/sbin", os.environ["PATH"]]
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "PATH": os.pathsep.join(map(str, path)),
            "SECUREDATA_PORT": str(self.port),
            "XDG_DATA_HOME": str(self.root),  # for Caddy
            "XDG_CONFIG_HOME": str(self.root),
        }
        (self.root / "variables").touch()
        return self

    def __exit__(self, *_: object) -> None:
        for service in list(self._services):
            self._stop(service)

    def follow(self, section: str) -> list[str]:
        """Run all commands of a section; what is shown after them must be what they print."""
        printed: list[str] = []
        for language, content in blocks(section):
            if language == "sh":
                printed.append(self.run(content))
            elif language == "json":
                assert json.loads(printed[-1]) == json.loads(content)
        return printed

    def run(self, commands: str) -> str:
        """Run commands in a shell that remembers variables; return what they print."""
        printed = ""
        # systemctl is played here: what it starts must not be a child of the shell.
        for part in re.split(r"^(systemctl .*)$", self.here(commands), flags=re.M):
            if part.startswith("systemctl "):
                self._systemctl(*part.split()[1:])
            else:
                printed += self._ask_shell(part)
        return printed

    def log(self, service: str = "securedata@5000") -> str:
        """What the journal would have of a service."""
        return (self.root / f"{service}.log").read_text()

    def here(self, text: str) -> str:
        """The same text, with paths and ports of this machine."""
        text = re.sub(r"(?<![\w.:-])/(etc|opt|var|usr/local)/", rf"{self.root}/\1/", text)
        text = re.sub(r"\b(localhost|127\.0\.0\.1):5000\b", rf"\1:{self.port}", text)
        text = re.sub(r"\blisten 443\b", f"listen {self.proxy_port}", text)
        return text.replace(":443:", f":{self.proxy_port}:").replace(
            "https://$NAME/", f"https://$NAME:{self.proxy_port}/"
        )

    def _ask_shell(self, commands: str) -> str:
        variables = self.root / "variables"
        done = subprocess.run(
            ["sh", "-euac", f". {variables}\n{commands}\nexport -p > {variables}"],
            cwd=self.root / "kit",
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _systemctl(self, verb: str, *words: str) -> None:
        if verb == "daemon-reload":
            return
        service = words[-1]
        if verb in ("stop", "restart", "reload-or-restart"):
            self._stop(service)
        # nginx has its port; test_deploy_proxies.py runs Caddy.
        if verb != "stop" and service != "caddy":
            self._start(service)

    def _stop(self, service: str) -> None:
        if process := self._services.pop(service, None):
            process.terminate()
            process.wait(timeout=20)

    def _start(self, service: str) -> None:
        with (self.root / f"{service}.log").open("ab") as log:
            self._services[service] = subprocess.Popen(
                self._what_to_start(service), stdout=log, stderr=log
            )
        if service == "nginx":  # by its unit, it is started when it listens
            with socket.socket() as client:
                wait_until(lambda: client.connect_ex(("127.0.0.1", self.proxy_port)) == 0)

    def _what_to_start(self, service: str) -> list[str]:
        if service == "nginx":
            return [str(self.root / "stand-ins" / "nginx")]
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        name, _, _ = service.partition("@")  # the port is one of this machine
        unit.read(self.root / f"etc/systemd/system/{name}@.service")
        told = unit["Service"]
        options = Path(told["EnvironmentFile"]).read_text().split()
        fresh = ["env", "--ignore-environment", f"--chdir={told['WorkingDirectory']}"]
        return [*fresh, *options, *told["ExecStart"].replace("%i", str(self.port)).split()]

    def _write_stand_ins(self) -> None:
        known = {
            "root": self.root,
            "install": shutil.which("install"),
            "python": sys.executable,
            "packages": sysconfig.get_paths()["purelib"],
            **{name: tool(name) for name in TOOLS},
        }
        folder = self.root / "stand-ins"
        folder.mkdir()
        for name, script in STAND_INS.items():
            (folder / name).write_text(f"#!/bin/sh\nset -eu\n{script.format(**known)}\n")
            (folder / name).chmod(0o755)
        (self.root / "etc/nginx/nginx.conf").write_text(
            NGINX_MAIN.format(folder=self.root).replace(
                f"{self.root}/securedata.conf", f"{self.root}/etc/nginx/conf.d/*.conf"
            )
        )

    def _copy_repository(self) -> None:
        for name in COPIED:
            source, copy = ROOT / name, self.root / "kit" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy)
        for file in (self.root / "kit/docs/deploy").iterdir():
            file.write_text(self.here(file.read_text(encoding="utf-8")), encoding="utf-8")
