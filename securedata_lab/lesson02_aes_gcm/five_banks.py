"""The five unknown banks, seen from the notebook: what may be asked, and the student's verdicts."""

from collections.abc import Callable
from functools import partial

from securedata_lab.drawing.pictures import show_table
from securedata_lab.judging.engine import judged
from securedata_lab.judging.saved_results import SOLVED
from securedata_lab.lesson01_aes_modes.bank import in_hex, row_from_hex
from securedata_lab.lesson01_aes_modes.bank_client import must_be_text
from securedata_lab.lesson02_aes_gcm.unknown_banks import UnknownBank, open_kept
from securedata_lab.servers.keeper import Kept, keep
from securedata_lab.twins.twin import Row

Verdict = Callable[[UnknownBank], object]


class FiveBanks(dict[str, UnknownBank]):
    """Five banks, A to E. A class, because it can say afterwards which was which."""

    def __init__(self, kept: Kept) -> None:
        def store(name: str, text: str) -> Row:
            must_be_text(text)
            return row_from_hex(kept.ask("store", name=name, text=text))

        def pay(name: str, row: Row) -> str:
            return str(kept.ask("pay", name=name, row=in_hex(row)))

        def restore_backup(name: str) -> None:
            kept.ask("restore_backup", name=name)

        self._asks_kinds = partial(kept.ask, "kinds")
        for name, stolen in kept.told.items():
            self[name] = UnknownBank(
                row_from_hex(stolen),
                partial(store, name),
                partial(pay, name),
                partial(restore_backup, name),
            )


def open_five() -> FiveBanks:
    """Five banks, drawn just now. They run in the process beside the kernel."""
    return FiveBanks(keep(open_kept))


def show_verdicts(banks: FiveBanks, my_verdict: Verdict) -> None:
    """What the student's function says of each bank, and not whether it is right.

    >>> show_verdicts(open_five(), lambda bank: ...)
    {...bank A  still ...}
    """
    rows = {f"bank {name}": [_said(my_verdict, bank)] for name, bank in banks.items()}
    show_table(["your function says"], rows)


def show_kinds(banks: FiveBanks, my_verdict: Verdict) -> None:
    """What each bank is, for those whose function passes the check of 2.9.

    >>> import securedata_lab.every_check
    >>> show_kinds(open_five(), lambda bank: "sound")
    First 2.9: its check must say correct of this function.
    """
    if judged("2.9", (my_verdict,)).state != SOLVED:
        print("First 2.9: its check must say correct of this function.")
        return
    kinds = banks._asks_kinds()
    rows = {f"bank {name}": [_said(my_verdict, bank), kinds[name]] for name, bank in banks.items()}
    show_table(["your function says", "it is"], rows)


def _said(my_verdict: Verdict, bank: UnknownBank) -> str:
    try:
        said = my_verdict(bank)
    except Exception as error:  # of a student's code
        return f"{type(error).__name__}: {error}"
    return "still `...`" if said is ... else str(said)
