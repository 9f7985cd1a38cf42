"""A student's theft, at the vault of lesson 08, at their own, and at the real service."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from securedata.errors import RefusedError
from securedata.web.contract import HEX_FIELDS
from securedata_lab.basics.chance import chance, sentence
from securedata_lab.judging.interpreter import is_stub
from securedata_lab.lesson08_break_it_fix_it.auditing.live_vault import (
    NO_RETURN,
    NOTHING_SENT,
    UNSENT,
    LiveVault,
)
from securedata_lab.servers.starting import LabServer
from securedata_lab.servers.token_client import User

Theft = Callable[[dict[str, str], dict[str, str]], Any]
RUN_IT = "run your cell of 8.8"


def show_theft(places: Mapping[str, LiveVault | str | LabServer], my_theft: Theft) -> None:
    """What Eve gets by a student's theft at each place.

    A place is a running vault, the name of a file such as my_vault.py, or the real service.

    >>> def my_theft(mine, hers): ...
    >>> show_theft({"a vault": "nowhere.py"}, my_theft)
    a vault           run your cell of 8.8
    """
    for name, place in places.items():
        said = RUN_IT if is_stub(my_theft) else _said(place, my_theft)
        print(f"{name:17} {said}")


def _said(place: LiveVault | str | LabServer, my_theft: Theft) -> str:
    try:
        if isinstance(place, LabServer):
            return _at_the_service(place, my_theft)
        if isinstance(place, LiveVault):
            return _at(place, my_theft)
        vault = LiveVault(Path(place))
    except RefusedError as error:
        return str(error)
    except Exception as error:  # of a student's code
        return f"look at your cell of 8.8: {type(error).__name__}: {error}"
    try:
        return _at(vault, my_theft)
    finally:
        vault.stop()


def _at(vault: LiveVault, my_theft: Theft) -> str:
    mine = vault.store("tea", "Tea at four.")
    answer = vault.retrieve(my_theft(mine, vault.receipts[0]))
    if vault.reads(answer):
        return (
            f"READ: {answer['text']}"
            if isinstance(answer, dict)
            else (f"READ, in the refusal: {answer}")
        )
    return "no text of Ada's" if isinstance(answer, dict) else str(answer)


def _at_the_service(server: LabServer, my_theft: Theft) -> str:
    """Its fields have other names, and no receipt of it says whose it is: its token does."""
    ada, eve = User(server, "ada"), User(server, "eve")
    text = sentence(chance("Ada's text at the real service"))
    hers, mine = ada.store(text)["data"], eve.store("Tea at four.")["data"]
    changed = my_theft(_as_receipt("eve", mine), _as_receipt("ada", hers))
    if changed is None or changed is ...:
        return NO_RETURN if changed is None else NOTHING_SENT
    if not isinstance(changed, dict):
        return f"{UNSENT} a receipt is a dict"
    if ... in changed.values():
        return NOTHING_SENT
    names = {ours: theirs for theirs, ours in HEX_FIELDS.items()}
    answer = eve.retrieve({names[it]: value for it, value in changed.items() if it in names})
    return f"READ: {text}" if text in answer else answer


def _as_receipt(owner: str, fields: dict[str, str]) -> dict[str, str]:
    return {"owner": owner, "title": "", **{HEX_FIELDS[it]: fields[it] for it in fields}}
