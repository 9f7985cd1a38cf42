"""For the lessons. The service, securedata, knows nothing of it.

lesson01_… to lesson08_…   each with its services to break into, its checks and its explorer
run_through/               what the run-through takes from them
judging/                   what students hand to a check, and how it is judged
servers/                   start the service or a twin in one call; advice after an error
twins/                     the service in small, without a flaw: lessons weaken it in flaws.py
drawing/                   pictures, and what all explorers share
basics/                    DSA by hand, bits, and secrets drawn by chance

This file has what notebooks of several lessons use. The rest is exported by each lesson. `audit`,
`duel`, `mend` and their file are lesson 08's: students write them into each cell, as `@lab.mend`.
"""

from securedata.certificates.issuing import issue_certificate
from securedata_lab import every_check
from securedata_lab.basics import small_dsa
from securedata_lab.basics.bits import flip_bit, xor
from securedata_lab.drawing import pictures
from securedata_lab.judging.engine import check
from securedata_lab.judging.questionnaire import Questionnaire
from securedata_lab.judging.student_name import me
from securedata_lab.lesson08_break_it_fix_it import VAULT_TO_FIX, audit, begin_vault, duel, mend
from securedata_lab.servers.clients import TwinClient, ask
from securedata_lab.servers.setup_check import check_setup
from securedata_lab.servers.starting import localhost_tls, ready, serve, serve_twin
from securedata_lab.servers.token_client import User
from securedata_lab.twins.twin import Row, Twin

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
    "every_check",
    "flip_bit",
    "issue_certificate",
    "localhost_tls",
    "me",
    "mend",
    "pictures",
    "ready",
    "serve",
    "serve_twin",
    "small_dsa",
    "xor",
]
