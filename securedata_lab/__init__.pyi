from .basics import small_dsa
from .basics.bits import flip_bit, xor
from .drawing import pictures
from .every_check import check
from .judging.questionnaire import Questionnaire
from .judging.student_name import me
from .lesson08_break_it_fix_it.auditing.auditor import audit
from .lesson08_break_it_fix_it.auditing.duel import duel
from .lesson08_break_it_fix_it.auditing.given import VAULT_TO_FIX
from .lesson08_break_it_fix_it.auditing.student_file import begin_vault, fix
from .servers.clients import TwinClient, ask
from .servers.setup_check import check_setup
from .servers.starting import localhost_tls, ready, serve, serve_twin
from .servers.token_client import User
from .twins.twin import Row, Twin

__all__ = [
    "VAULT_TO_FIX",
    "Questionnaire",
    "Row",
    "Twin",
    "TwinClient",
    "User",
    "ask",
    "audit",
    "begin_vault",
    "check",
    "check_setup",
    "duel",
    "fix",
    "flip_bit",
    "localhost_tls",
    "me",
    "pictures",
    "ready",
    "serve",
    "serve_twin",
    "small_dsa",
    "xor",
]
