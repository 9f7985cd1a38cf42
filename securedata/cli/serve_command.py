"""`securedata serve`, and `python app.py`.

Makes missing certificates, keys and database, says where they are, and serves until Ctrl-C.
"""

import logging
import os
import signal
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import click

from securedata import private_file
from securedata.certificates.folder import ServerCertificate, open_folder, open_pair
from securedata.certificates.tls import server_context
from securedata.cli.key_file import open_keys, open_or_make_keys
from securedata.cli.options import (
    ENVIRONMENT,
    PATH,
    Command,
    database_option,
    keys_option,
)
from securedata.errors import CertificateError
from securedata.serving.listening import listen
from securedata.serving.renewal import Renewal
from securedata.serving.server import BackgroundServer
from securedata.serving.systemd import heartbeat
from securedata.storage.records import RecordStore
from securedata.vault import Vault
from securedata.web.app import create_app

# With a subject alternative name: clients look for the name only there.
CERTIFICATE_COMMAND = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 365 -keyout certs/key.pem -out certs/cert.pem"
    ' -subj /CN=localhost -addext "subjectAltName=DNS:localhost,IP:127.0.0.1"'
)


class _Port(click.IntRange):
    name = "port"  # in the help, and in "'abc' is not a valid port"


@click.command(cls=Command, context_settings=ENVIRONMENT)
@click.option(
    "--host", default="localhost", help="Where to listen. For other machines, create a token first."
)
@click.option("--port", default=5000, type=_Port(0, 65535), help="0 takes a free port.")
@click.option(
    "--certs",
    default="certs",
    type=PATH,
    help="Folder with your cert.pem and key.pem. Without them, the service makes its own.",
)
@click.option("--cert", type=PATH, help="Your certificate, if it is not in --certs.")
@click.option("--key", type=PATH, help="The private key of --cert.")
@keys_option
@database_option
def serve(
    host: str,
    port: int,
    certs: Path,
    cert: Path | None,
    key: Path | None,
    key_path: Path,
    database: str,
) -> None:
    """Serve the HTTPS API until Ctrl-C.

    Every option is also an environment variable: --port is SECUREDATA_PORT.
    """
    # `app.py &` starts with SIGINT ignored.
    signal.signal(signal.SIGINT, _interrupt_once)
    found = open_keys(key_path) if private_file.exists(key_path) else None
    # Before anything is made: with a taken port, keys and a CA would stay behind.
    sockets = listen(host, port, loopback_only=not (found and found.service_keys.tokens))
    records = RecordStore(database)
    vault = Vault(records, open_or_make_keys(key_path, records, found=found))
    certificate = _open_certificate(certs, cert, key)
    # Never replace a user's pair by ours, even if it is missing for a moment.
    own = (cert, key) if cert and key else (certs / "cert.pem", certs / "key.pem")
    again = partial(open_folder, certs) if certificate.is_ours else partial(open_pair, *own)
    app = create_app(vault)
    server = BackgroundServer(
        app,
        tls=server_context(certificate.leaf),
        host=host,
        port=port,
        ca_file=certificate.ca_file,
        renewal=Renewal(certificate.leaf, lambda: again().leaf),
    )
    app.logger.addHandler(_stderr_handler())
    signal.signal(signal.SIGTERM, _interrupt_once)
    notify_socket = os.environ.get("NOTIFY_SOCKET")  # set by systemd (sd_notify(3))
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        stack.callback(server.stop)
        server.start(heartbeat(notify_socket) if notify_socket else lambda: None, sockets)
        if certificate.is_ours and host not in certificate.leaf.names:
            click.echo(
                f"Warning: {host} can be reached from other machines, but the certificate is for "
                f"{', '.join(certificate.leaf.names)} alone: clients there refuse it. Use a "
                "certificate of your own (--cert and --key), or a proxy on this machine.",
                err=True,
            )
        _introduce(server, key_path, records, ask_for_token=vault.service_keys.tokens is not None)
        server.wait()
    records.close()  # SQLite then removes its extra files
    click.echo("Stopped.")


def _interrupt_once(signal_number: int, frame: object) -> None:
    """Stop in order. Another Ctrl-C, on the way, ends the process at once."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    raise KeyboardInterrupt


def _open_certificate(certs: Path, cert: Path | None, key: Path | None) -> ServerCertificate:
    if (cert is None) != (key is None):
        raise CertificateError(
            "--cert and --key (or SECUREDATA_CERT and SECUREDATA_KEY) go together: "
            "name both, or neither"
        )
    certificate = open_pair(cert, key) if cert and key else open_folder(certs)
    if "localhost" not in certificate.leaf.names:
        click.echo(
            f"Warning: {certificate.ca_file} has no subjectAltName for localhost: browsers, Postman"
            f" and Python's requests refuse it. This command makes one that they accept:\n"
            f"  {CERTIFICATE_COMMAND}",
            err=True,
        )
    return certificate


def _stderr_handler() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    return handler


def _introduce(
    server: BackgroundServer, key_path: Path, records: RecordStore, *, ask_for_token: bool
) -> None:
    click.echo(f"Serving {server.url} until Ctrl-C. Clients trust {server.ca_file}.")
    click.echo(f"Keys are in {key_path}, records in {records.url}. Back up both.")
    click.echo(f"Open {server.url} in a browser. It warns until you import {server.ca_file}.")
    click.echo("Store a text:" if os.name == "posix" else "Store a text, in PowerShell:")
    line = curl_line if os.name == "posix" else powershell_line
    click.echo(f"  {line(f'{server.url}/store', server.ca_file, ask_for_token)}")


def curl_line(url: str, ca_file: Path | None, ask_for_token: bool) -> str:
    """A command that stores a text, for a POSIX shell.

    >>> print(curl_line("https://h/store", Path("ca.pem"), ask_for_token=False))
    curl --cacert ca.pem https://h/store -H 'Content-Type: application/json' -d '{"data": "hello"}'
    """
    token = ' -H "Authorization: Bearer $TOKEN"' if ask_for_token else ""
    return (
        f"curl --cacert {ca_file} {url}{token}"
        """ -H 'Content-Type: application/json' -d '{"data": "hello"}'"""
    )


def powershell_line(url: str, ca_file: Path | None, ask_for_token: bool) -> str:
    """The same for PowerShell, 5.1 and later.

    In 5.1, `curl` is another command. Before 7.3, a program does not get the quotes inside an
    argument: so the JSON goes through a pipe. Windows' own curl asks for a list of revoked
    certificates, which our authority does not have.

    >>> line = powershell_line("https://h/store", Path("ca.pem"), ask_for_token=False)
    >>> print(line.split(" | ")[0])
    '{"data": "hello"}'
    """
    token = ' -H "Authorization: Bearer $env:TOKEN"' if ask_for_token else ""
    return (
        f"""'{{"data": "hello"}}' | curl.exe --ssl-no-revoke --cacert {ca_file} {url}{token}"""
        " -H 'Content-Type: application/json' -d '@-'"
    )
