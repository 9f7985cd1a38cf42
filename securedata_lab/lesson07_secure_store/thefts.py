"""Lesson 07: Eve asks for Ada's diary at a student's store, and at others."""

from functools import partial
from typing import Any

from securedata.errors import UnavailableError
from securedata.keys.service_keys import ServiceKeys
from securedata_lab.judging.attempts import is_empty
from securedata_lab.lesson07_secure_store.real_service import Ada, RealService
from securedata_lab.lesson07_secure_store.rollback import copy_of, put_back
from securedata_lab.lesson07_secure_store.store import (
    App,
    Asks,
    Opened,
    Place,
    Rows,
    explained,
    open_without_owner,
    place_of,
    seal_without_owner,
    store_app,
    token_for,
)

ASKS_ALREADY = (
    "Your store asks for the owner already: that is the fix of 7.9. Take the question out for "
    "now, run 7.7 again, then this cell."
)


def be_eve(ada: Ada, my_app: App, opened: Opened, my_request: Asks, my_sql: str) -> str:
    """Ask for Ada's diary at a student's store, before and after the SQL; the first answer.

    >>> be_eve(Ada(...), store_app, ..., lambda receipt: {}, ...)
    Nothing was sent: opened is still `...`.
    ''
    """
    answers = list[str]()
    needed: dict[str, object] = {"opened": opened, "my_request": my_request}
    for what, sql in (("her request", None), ("after her SQL", my_sql)):
        if empty := _empty(**needed):
            print(empty)
            break
        needed = {"my_sql": my_sql}
        try:
            if not answers and _asks_for_the_owner(my_app, opened):
                print(ASKS_ALREADY)
                break
            with place_of(my_app, opened, ada.writes_diary) as place:
                answers.append(place.tried(my_request, sql))
        except UnavailableError:
            raise
        except Exception as error:  # of a student's routes
            print("Your store does not run:", explained(error))
            break
        print(f"your store, {what:13}: {answers[-1]}")
        if any(place.log[-1:]):
            print("    log:", place.log[-1])
    return answers[0] if answers else ""


def _asks_for_the_owner(my_app: App, opened: Opened) -> bool:
    """Whether a record is opened for its owner, and not for Eve."""
    client = my_app(opened, Rows(), ServiceKeys.generate()).test_client()

    def post(name: str, path: str, body: dict[str, str]) -> Any:
        return client.post(path, json=body, headers={"Authorization": f"Bearer {token_for(name)}"})

    receipt = post("ada", "/store", {"data": "text"}).json
    asked = {"record_id": str(receipt.get("record_id"))}
    ada, eve = (post(name, "/retrieve", asked).status_code for name in ("ada", "eve"))
    return bool(ada == 200 != eve)


def _empty(**written: object) -> str:
    """Which of these is still `...`; "" if all are written."""
    for name, it in written.items():
        if is_empty(it):
            return f"Nothing was sent: {name} is still `...`."
    return ""


def show_thefts(
    server: RealService,
    my_app: App,
    opened: Opened,
    my_opened: Opened,
    my_request: Asks,
    my_sql: str,
) -> None:
    """Eve's two attacks at four places.

    >>> show_thefts(..., store_app, open_without_owner, ..., ..., "SELECT 1")
    Nothing was sent: my_opened is still `...`.
    """
    if empty := _empty(opened=opened, my_opened=my_opened, my_request=my_request, my_sql=my_sql):
        print(empty)
        return
    unbound = partial(store_app, sealed=seal_without_owner)
    stores: dict[str, tuple[App, Opened]] = {
        "your store": (my_app, opened),
        "your store, fixed": (my_app, my_opened),
        "fixed, owner not signed": (unbound, open_without_owner),
    }

    def row(name: str, place: Place) -> None:
        said = place.tried(my_request), place.tried(my_request, my_sql)
        first, second = (_in_a_word(it, server.ada) for it in said)
        print(f"{name:26}{first:13} {second}")

    print(f"{'':26}{'her request':14}after her SQL")
    for name, store in stores.items():
        with place_of(*store, server.ada.writes_diary) as place:
            row(name, place)
    copy = copy_of(server)
    try:
        row("the real service", Place(server.letter, server.eve, server.database))
    finally:
        put_back(server, copy)
    reasons = [line.split(":")[0].split()[-1] for line in server.log_tail(2)]
    print("the real service's log:", ", ".join(reasons))


def _in_a_word(said: str, ada: Ada) -> str:
    if ada.wrote(said):
        return "READ"
    return "refused" if said[:3] in ("400", "403") else said or "(empty)"
