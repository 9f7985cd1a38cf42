"""The process that keeps secrets: it opens services of the kit, and answers the kernel's orders.

An order is a line of JSON on standard input, and so is its answer on standard output. The process
ends when its standard input does: none is left over when a kernel is killed. It imports a service
when it is opened, and nothing that the service does not need: see docs/decisions/keeper.md.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from securedata.errors import RefusedError, SecureDataError
from securedata_lab.basics import chance
from securedata_lab.servers.hidden import hide_memory

KIT = "securedata_lab."


@dataclass(frozen=True)
class Service:
    """An open service. A lesson's module has a function `open_kept`, which returns one.

    `told` is what an attacker may know. `doors` is what can be asked besides the network, by name.
    All of it is JSON, also what doors are given and what they return.
    """

    told: dict[str, Any]
    doors: dict[str, Callable[..., Any]]


def of_the_kit(where: str, name: str) -> Any:
    """A function or class that a module of the lab defines.

    Raises:
        RefusedError: another module, or a name from elsewhere.

    >>> of_the_kit("securedata_lab.servers.keeper_process", "Service").__name__
    'Service'
    """
    found = getattr(import_module(where), name, None) if where.startswith(KIT) else None
    if getattr(found, "__module__", "") != where:
        raise RefusedError(f"only what the kit defines is opened, and not {where}:{name}")
    return found


def place_in_the_kit(found: Any) -> list[str] | None:
    """Where the kit defines a function or class, as `of_the_kit` finds it; None: a student's.

    >>> place_in_the_kit(Service), place_in_the_kit(lambda: 1)
    (['securedata_lab.servers.keeper_process', 'Service'], None)
    """
    module, name = str(getattr(found, "__module__", "")), getattr(found, "__qualname__", "")
    is_the_kits = module.startswith(KIT) and getattr(sys.modules.get(module), name, None) is found
    return [module, name] if is_the_kits else None


def main() -> None:
    """Answer until standard input ends: [number, service or null, door or module, arguments]."""
    # What the kernel says, if it was started so: a cell may have changed what it says.
    was_fixed = chance.at_start(chance.SECRETS, str(os.getppid()))
    chance.fixed = sys.argv[2] if was_fixed else ""
    hide_memory()
    orders, answers = os.fdopen(os.dup(0), encoding="ascii"), os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # what a library prints is no answer
    services = list[Service]()
    for order in orders:
        number, *rest = json.loads(order)
        try:
            said = [number, _answer(services, *rest), None]
        except SecureDataError as error:
            said = [number, None, str(error)]
        except Exception as error:  # a bug: the kernel has a sentence, and standard error the rest
            traceback.print_exc()
            said = [number, None, f"{type(error).__name__}: {error}"]
        print(json.dumps(said), file=answers, flush=True)


def _answer(services: list[Service], which: int | None, name: str, given: dict[str, Any]) -> Any:
    if which is not None:
        return services[which].doors[name](**given)
    services.append(of_the_kit(name, "open_kept")(**given))
    return [len(services) - 1, services[-1].told]
