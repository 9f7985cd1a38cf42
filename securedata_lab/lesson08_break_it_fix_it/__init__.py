"""Lesson 08: a consultant's vault, to be broken into and repaired."""

from securedata_lab.lesson08_break_it_fix_it.auditing.auditor import audit
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import duel
from securedata_lab.lesson08_break_it_fix_it.auditing.live_vault import serve_vault
from securedata_lab.lesson08_break_it_fix_it.auditing.student_file import (
    VAULT_TO_FIX,
    begin_vault,
    fix,
)
from securedata_lab.lesson08_break_it_fix_it.vault_theft import show_theft

__all__ = ["VAULT_TO_FIX", "audit", "begin_vault", "duel", "fix", "serve_vault", "show_theft"]
