"""nginx and Caddy in processes of their own, with the configurations of docs/deploy/.

Changed is only what a user changes too (name, certificate), and what the tests share a machine for:
ports, and where files lie.
"""

import signal
import subprocess
from pathlib import Path

import requests
from crowd import wait_until
from vocabulary import ROOT, free_port, tool

from securedata import CertificateAuthority

DEPLOY = ROOT / "docs" / "deploy"
NAME = "securedata.example.org"

# What Debian's nginx.conf wraps around the file in conf.d; and all paths inside one folder.
NGINX_MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log notice;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    access_log off;
    include {folder}/securedata.conf;
}}
"""

CADDY_OPTIONS = """{
	admin off
	local_certs
	skip_install_trust
	storage file_system %s
"""


class Proxy:
    """A proxy before the services at these ports, which it verifies with this CA file."""

    one_service = "127.0.0.1:{}"  # as the configuration names it

    def __init__(self, folder: Path, service_port: int, service_ca: Path, *others: int) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        self.log = folder / "proxy.log"
        self.ca_file = folder / "proxy-ca.pem"
        self._service_ports = (service_port, *others)
        self._service_ca = service_ca

    def command(self) -> list[str]:
        """What starts it, once its files are written."""
        raise NotImplementedError

    def configuration(self, file: str, **changes: str) -> str:
        """A file of docs/deploy/, with what must be changed replaced: each was there, once."""
        text = self.committed(file)
        replaced = {
            self.one_service.format(5000): " ".join(
                map(self.one_service.format, self._service_ports)
            ),
            "/etc/securedata/ca.pem": str(self._service_ca),
            **changes,
        }
        for old, new in replaced.items():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return text

    def committed(self, file: str) -> str:
        """A file of docs/deploy/."""
        return (DEPLOY / file).read_text(encoding="utf-8")

    def written(self) -> str:
        """All that it has written into logs."""
        return "".join(file.read_text(errors="replace") for file in self.folder.glob("*.log"))

    def __enter__(self) -> "Proxy":
        command = self.command()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env={"HOME": str(self.folder)}, stdout=log, stderr=log
            )
        wait_until(lambda: self._answers() or self._process.poll() is not None)
        assert self._process.poll() is None, self.written()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=20)

    def _answers(self) -> bool:
        if not self.ca_file.exists():
            return False
        try:
            requests.get(f"{self.url}/health", verify=str(self.ca_file), timeout=40)
        except requests.RequestException:
            return False
        return True


class Nginx(Proxy):
    """nginx with docs/deploy/nginx.conf, except that it logs each file that it makes."""

    level = "notice"
    one_service = "server 127.0.0.1:{};"

    def command(self) -> list[str]:
        ca = CertificateAuthority.create("Test CA of the proxy")
        leaf = ca.issue("localhost")
        self.ca_file.write_text(ca.certificate_pem)
        (self.folder / "cert.pem").write_text(leaf.chain_pem)
        (self.folder / "key.pem").write_text(leaf.private_key_pem)
        conf = self.configuration(
            "nginx.conf",
            **{
                # As for a client far away: little of an answer is under way at a time.
                "443 ssl": f"{self.port} ssl sndbuf=16k",
                NAME: "localhost",
                "/etc/securedata/cert.pem": f"{self.folder}/cert.pem",
                "/etc/securedata/key.pem": f"{self.folder}/key.pem",
                "/var/log/nginx/securedata.log": f"{self.folder}/access.log",
                "/var/log/nginx/securedata-error.log crit": f"{self.folder}/error.log {self.level}",
            },
        )
        (self.folder / "securedata.conf").write_text(conf)
        (self.folder / "nginx.conf").write_text(NGINX_MAIN.format(folder=self.folder))
        return [tool("nginx"), "-p", str(self.folder), "-c", "nginx.conf", "-e", "start.log"]


class Caddy(Proxy):
    """Caddy with docs/deploy/Caddyfile."""

    one_service = "https://127.0.0.1:{}"

    def command(self) -> list[str]:
        storage = self.folder / "storage"
        self.ca_file = storage / "pki" / "authorities" / "local" / "root.crt"
        conf = self.configuration(
            "Caddyfile", **{NAME: f"localhost:{self.port}", "\n{\n": "\n" + CADDY_OPTIONS % storage}
        )
        (self.folder / "Caddyfile").write_text(conf)
        return [tool("caddy"), "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
