"""Ada, and the real service that keeps a letter of hers: the side that runs beside the kernel.

Its keys, Ada's token, her code word and her letter do not leave this process. Her diary does: she
posts it to a student's store, whose operator can read it.
"""

import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from securedata.errors import RefusedError
from securedata.keys.service_keys import ServiceKeys, new_token
from securedata.storage.records import RecordStore
from securedata.vault import Vault
from securedata.web.app import create_app
from securedata_lab.basics.chance import chance, code_word, sentence
from securedata_lab.servers.clients import Address
from securedata_lab.servers.keeper_process import Service
from securedata_lab.servers.temporary_folders import clean_up, temporary_folder
from securedata_lab.servers.token_client import TokenClient
from securedata_lab.twins.ca_file import LocalServer

NOBODY = "The help desk: nobody here has this code word (a new kernel has a new one)."
WRONG_SECONDS = 0.2  # for a wrong word: all 410,040 take 23 hours
HERS = "Ada reads it, and tells nobody what it says."


def open_kept() -> Service:
    """The real service with Ada's letter. Doors: what Ada does, and the service's help desk.

    >>> service = open_kept()
    >>> sorted(service.told), sorted(service.doors)[:3]
    (['ca_file', 'database', 'letter', 'token', 'url'], ['help_desk', 'log_tail', 'retrieve'])
    >>> service.doors["stop"]()
    """
    word, text = code_word(chance("Ada's code word")), sentence(chance("Ada's letter"))
    diary = f"Dear diary, my code word is {word}"
    tokens = {"ada": new_token(), "eve": new_token()}
    keys, folder = ServiceKeys.generate(), temporary_folder()
    for name, token in tokens.items():
        keys = keys.add_token(name, token)
    database = folder / "records.sqlite3"
    records = RecordStore(f"sqlite:///{database}")
    server = LocalServer(create_app(Vault(records, keys)), "The CA of the real service")
    weakref.finalize(server, clean_up, records, folder)
    server.start()
    ada = TokenClient(server, "ada", tokens["ada"])

    def help_desk(said: str) -> str:
        if said.strip().lower() != word:
            time.sleep(WRONG_SECONDS)
            raise RefusedError(NOBODY)
        return tokens["ada"]

    def wrote(said: str) -> bool:
        if said not in (diary, text):
            time.sleep(WRONG_SECONDS)
        return said in (diary, text)

    def retrieve(body: dict[str, str]) -> str:
        said = ada.retrieve(body)
        return HERS if said == text else said

    def writes_diary(url: str, ca_file: str, token: str) -> dict[str, Any]:
        return TokenClient(Address(url, Path(ca_file)), "ada", token).store(diary)

    told = {
        "url": server.url,
        "ca_file": str(server.ca_file),
        "database": str(database),
        "letter": ada.store(text),
        "token": tokens["eve"],
    }
    doors: dict[str, Callable[..., Any]] = {
        "start": server.start,
        "stop": server.stop,
        "log_tail": server.log_tail,
        "help_desk": help_desk,
        "store": ada.store,
        "retrieve": retrieve,
        "writes_diary": writes_diary,
        "wrote": wrote,
    }
    return Service(told, doors)
