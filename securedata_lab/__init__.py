"""For lessons only. Nothing outside this folder imports it, except `classroom`.

break_ins/        services to break into, with secrets that nobody has told
servers/          start the service or a twin in one call, and ask it
twins/            weak copies of the service: each has one flaw to attack
attacks/          the attacks on them
primitives/       AES, DSA and others, written to be read
tls/              certificates that clients must refuse, and an attacker in the middle
wire/             TLS, byte by byte
checks/           the check engine, and the checks of each lesson
student_answers/  what students hand to a check: plain values, and what their code calls
auditing/         the nine attacks on the vault of lesson 08, and the duel
show/             pictures and charts
"""

from securedata.certificates.issuing import issue_certificate
from securedata_lab import attacks, checks, wire
from securedata_lab.auditing.auditor import audit
from securedata_lab.auditing.duel import duel
from securedata_lab.auditing.student_file import VAULT_TO_FIX, begin_vault, mend
from securedata_lab.break_ins.bank import CbcBank, CtrBank, open_bank, real_bank, stop_banks
from securedata_lab.break_ins.bank_attacks import show_attacks
from securedata_lab.break_ins.gcm_bank import (
    GcmBank,
    OneBlockBank,
    attack_of_01,
    send_forgery,
    show_forgeries,
    swap_salaries,
)
from securedata_lab.break_ins.letters import read_letters
from securedata_lab.break_ins.shop import Slip, open_shop
from securedata_lab.break_ins.vault_theft import show_theft
from securedata_lab.checks.engine import check
from securedata_lab.primitives import small_aes, small_dsa
from securedata_lab.primitives.bits import flip_bit, xor
from securedata_lab.servers.clients import TwinClient, ask
from securedata_lab.servers.setup_check import check_setup
from securedata_lab.servers.starting import (
    localhost_tls,
    ready,
    serve,
    serve_twin,
    serve_vault,
)
from securedata_lab.servers.token_client import User
from securedata_lab.show import pictures
from securedata_lab.show.explorers.answers import explore_answers
from securedata_lab.show.explorers.band import explore_short_ks
from securedata_lab.show.explorers.bits import explore_bits
from securedata_lab.show.explorers.questions import explore_questions
from securedata_lab.show.explorers.ring import explore_ring
from securedata_lab.show.explorers.session import explore_session
from securedata_lab.show.explorers.tag import explore_tag
from securedata_lab.show.explorers.timeline import explore_rollback
from securedata_lab.show.explorers.two_texts import explore_two_texts
from securedata_lab.student_answers.questionnaire import Questionnaire
from securedata_lab.student_answers.student_name import me
from securedata_lab.tls.bad_servers import bad_server
from securedata_lab.tls.hello_server import serve_with
from securedata_lab.tls.man_in_the_middle import ManInTheMiddle
from securedata_lab.tls.pcap import write_pcap
from securedata_lab.tls.plain import serve_without_tls
from securedata_lab.tls.recorder import record_post
from securedata_lab.tls.tap import Tap, replay
from securedata_lab.tls.verdicts import ask_requests, ask_standard_library
from securedata_lab.tls.website import namesake, website_chain
from securedata_lab.twins import flaws
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
    "checks",
    "duel",
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
