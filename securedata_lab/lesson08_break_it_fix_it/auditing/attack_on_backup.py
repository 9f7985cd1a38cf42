"""The attack on tls_to_backup(): false servers, each with one thing wrong with its certificate."""

from securedata.certificates.issuing import LOCALHOST_NAMES, Certified, issue_certificate
from securedata_lab.lesson08_break_it_fix_it.auditing.attack import Attack, Kind, Won
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun
from securedata_lab.lesson08_break_it_fix_it.auditing.backup_server import BackupServer

NAME = "localhost"


def attack_tls_to_backup(run: AuditRun) -> Won:
    """Stand where the backup server should: which certificate gets the password?"""
    won = dict[str, str]()
    with BackupServer() as server:
        for kind, leaf in run.shuffled(_false_certificates(run)):
            server.show(leaf)
            run.vault.ask("backup", port=server.port)
            if server.has_seen(run.backup_password):
                won[kind] = f"the password {run.backup_password}"
    return won


def _false_certificates(run: AuditRun) -> list[tuple[str, Certified]]:
    """Certificates that no backup server may show, each with one thing wrong."""
    ca, other = run.backup_ca, f"{run.word(6)}.example"
    strange, names = issue_certificate("backup CA", is_ca=True), LOCALHOST_NAMES
    word = run.word(4)
    longer, before, below = f"{NAME}.{other}", f"{word}{NAME}", f"{word}.{NAME}"
    return [
        ("other name", issue_certificate(other, by=ca, names=[other])),
        ("common name", issue_certificate(NAME, by=ca, names=[other])),
        ("longer name", issue_certificate(longer, by=ca, names=[longer])),
        ("longer name", issue_certificate(before, by=ca, names=[before])),
        ("longer name", issue_certificate(below, by=ca, names=[below])),
        ("odd name", issue_certificate(other, by=ca, names=["127.0.0.2"])),
        ("odd name", issue_certificate(other, by=ca, names=["*"])),
        ("odd name", issue_certificate(other, by=ca, names=[f"backup-{word}.example"])),
        ("unknown CA", issue_certificate(NAME, by=strange, names=names)),
        ("self-signed", issue_certificate(NAME, names=names)),
        ("expired", issue_certificate(NAME, by=ca, names=names, days=(-1, -0.01))),
    ]


PASSWORD = "the backup's password"  # noqa: S105  # words for the table
BACKUP = Attack(
    "tls_to_backup",
    "no false server got the password",
    {
        "other name": Kind(PASSWORD, "A certificate for any other name is accepted."),
        "common name": Kind(PASSWORD, "The common name is read, which is no server's name."),
        "longer name": Kind(PASSWORD, "A name that only contains the right one is accepted."),
        "odd name": Kind(PASSWORD, "A certificate that does not name this server is accepted."),
        "unknown CA": Kind(PASSWORD, "A certificate of any CA is accepted."),
        "self-signed": Kind(PASSWORD, "A certificate that no CA has signed is accepted."),
        "expired": Kind(PASSWORD, "A certificate that has expired is accepted."),
    },
    attack_tls_to_backup,
)
