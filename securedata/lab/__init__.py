"""For lessons only: servers in one call, weak twins, attacks, checks, small tools.

Nothing outside this folder imports it.
"""

from securedata.certificates.issuing import issue_certificate
from securedata.lab import attacks, checks, flaws, pictures, wire
from securedata.lab.auditing.auditor import ATTACKS, audit
from securedata.lab.auditing.report import AuditReport
from securedata.lab.auditing.student_file import VAULT_TO_FIX, begin_vault, mend
from securedata.lab.bits import flip_bit, xor
from securedata.lab.checking import check
from securedata.lab.personal import me
from securedata.lab.questionnaire import Questionnaire
from securedata.lab.service import advise_after_errors, serve, serve_twin, serve_vault
from securedata.lab.setupcheck import check_setup
from securedata.lab.signedtwin import SignedTwin
from securedata.lab.tls.bad_servers import BAD_SERVERS, bad_server
from securedata.lab.tls.clients import Verdict, ask_requests, ask_standard_library
from securedata.lab.tls.hello_server import hello_server, serve_with
from securedata.lab.tls.man_in_the_middle import ManInTheMiddle
from securedata.lab.tls.plain import serve_without_tls
from securedata.lab.tls.recorder import record_post
from securedata.lab.tls.tap import Tap, replay
from securedata.lab.tls.website import website_chain
from securedata.lab.twin import Row, Twin
from securedata.lab.twinclient import TwinClient, ask
from securedata.lab.user import User
from securedata.lab.vaulttwin import VaultTwin

AUDITED = tuple(ATTACKS)  # the nine methods of lesson 08

__all__ = [
    "AUDITED",
    "BAD_SERVERS",
    "VAULT_TO_FIX",
    "AuditReport",
    "ManInTheMiddle",
    "Questionnaire",
    "Row",
    "SignedTwin",
    "Tap",
    "Twin",
    "TwinClient",
    "User",
    "VaultTwin",
    "Verdict",
    "advise_after_errors",
    "ask",
    "ask_requests",
    "ask_standard_library",
    "attacks",
    "audit",
    "bad_server",
    "begin_vault",
    "check",
    "check_setup",
    "checks",
    "flaws",
    "flip_bit",
    "hello_server",
    "issue_certificate",
    "me",
    "mend",
    "pictures",
    "record_post",
    "replay",
    "serve",
    "serve_twin",
    "serve_vault",
    "serve_with",
    "serve_without_tls",
    "website_chain",
    "wire",
    "xor",
]
