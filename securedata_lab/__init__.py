"""For the lessons. The service, securedata, knows nothing of it.

lesson01_… to lesson08_…   each with its services to break into, its checks and its explorer
judging/                   what students hand to a check, and how it is judged
servers/                   start the service or a twin in one call; advice after an error
twins/                     the service in small, without a flaw: lessons weaken it in flaws.py
drawing/                   pictures, and what all explorers share
basics/                    DSA by hand, bits, and secrets drawn by chance

attacks.py, flaws.py and this file only hand on names, for notebooks.
"""

from securedata.certificates.issuing import issue_certificate
from securedata_lab import attacks, every_check, flaws
from securedata_lab.basics import small_dsa
from securedata_lab.basics.bits import flip_bit, xor
from securedata_lab.drawing import pictures
from securedata_lab.judging.engine import check
from securedata_lab.judging.questionnaire import Questionnaire
from securedata_lab.judging.student_name import me
from securedata_lab.lesson01_aes_modes import small_aes
from securedata_lab.lesson01_aes_modes.bank import (
    CbcBank,
    CtrBank,
    open_bank,
    real_bank,
    stop_banks,
)
from securedata_lab.lesson01_aes_modes.bank_attacks import show_attacks
from securedata_lab.lesson01_aes_modes.explorer_answers import explore_answers
from securedata_lab.lesson01_aes_modes.explorer_bits import explore_bits
from securedata_lab.lesson01_aes_modes.explorer_two_texts import explore_two_texts
from securedata_lab.lesson01_aes_modes.letters import read_letters
from securedata_lab.lesson02_aes_gcm.explorer_tag import explore_tag
from securedata_lab.lesson02_aes_gcm.gcm_bank import (
    GcmBank,
    OneBlockBank,
    attack_of_01,
    send_forgery,
    show_forgeries,
    swap_salaries,
)
from securedata_lab.lesson03_dsa_signatures.explorer_ring import explore_ring
from securedata_lab.lesson03_dsa_signatures.shop import Slip, open_shop
from securedata_lab.lesson04_dsa_attacks.explorer_band import explore_short_ks
from securedata_lab.lesson05_tls_certificates.bad_servers import bad_server
from securedata_lab.lesson05_tls_certificates.explorer_questions import explore_questions
from securedata_lab.lesson05_tls_certificates.hello_server import serve_with
from securedata_lab.lesson05_tls_certificates.man_in_the_middle import ManInTheMiddle
from securedata_lab.lesson05_tls_certificates.plain import serve_without_tls
from securedata_lab.lesson05_tls_certificates.tap import Tap, replay
from securedata_lab.lesson05_tls_certificates.verdicts import ask_requests, ask_standard_library
from securedata_lab.lesson05_tls_certificates.website import namesake, website_chain
from securedata_lab.lesson06_tls_on_the_wire import wire
from securedata_lab.lesson06_tls_on_the_wire.explorer_session import explore_session
from securedata_lab.lesson06_tls_on_the_wire.pcap import write_pcap
from securedata_lab.lesson06_tls_on_the_wire.recorder import record_post
from securedata_lab.lesson07_secure_store.explorer_timeline import explore_rollback
from securedata_lab.lesson08_break_it_fix_it.auditing.auditor import audit
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import duel
from securedata_lab.lesson08_break_it_fix_it.auditing.live_vault import serve_vault
from securedata_lab.lesson08_break_it_fix_it.auditing.student_file import (
    VAULT_TO_FIX,
    begin_vault,
    mend,
)
from securedata_lab.lesson08_break_it_fix_it.vault_theft import show_theft
from securedata_lab.servers.clients import TwinClient, ask
from securedata_lab.servers.setup_check import check_setup
from securedata_lab.servers.starting import localhost_tls, ready, serve, serve_twin
from securedata_lab.servers.token_client import User
from securedata_lab.twins.twin import Row, Twin

__all__ = [
    "VAULT_TO_FIX",
    "CbcBank",
    "CtrBank",
    "GcmBank",
    "ManInTheMiddle",
    "OneBlockBank",
    "Questionnaire",
    "Row",
    "Slip",
    "Tap",
    "Twin",
    "TwinClient",
    "User",
    "ask",
    "ask_requests",
    "ask_standard_library",
    "attack_of_01",
    "attacks",
    "audit",
    "bad_server",
    "begin_vault",
    "check",
    "check_setup",
    "duel",
    "every_check",
    "explore_answers",
    "explore_bits",
    "explore_questions",
    "explore_ring",
    "explore_rollback",
    "explore_session",
    "explore_short_ks",
    "explore_tag",
    "explore_two_texts",
    "flaws",
    "flip_bit",
    "issue_certificate",
    "localhost_tls",
    "me",
    "mend",
    "namesake",
    "open_bank",
    "open_shop",
    "pictures",
    "read_letters",
    "ready",
    "real_bank",
    "record_post",
    "replay",
    "send_forgery",
    "serve",
    "serve_twin",
    "serve_vault",
    "serve_with",
    "serve_without_tls",
    "show_attacks",
    "show_forgeries",
    "show_theft",
    "small_aes",
    "small_dsa",
    "stop_banks",
    "swap_salaries",
    "website_chain",
    "wire",
    "write_pcap",
    "xor",
]
