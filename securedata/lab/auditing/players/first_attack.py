"""My attack. It plays against other teams' vaults, and cannot see their code.

match.json says what I have: docs/teaching/tournament.md lists all of it. I win a flag by its
effect, however I reach it. Every door of the vault answers {"answer": …} or {"error": …}.
"""

import json

import requests

with open("match.json", encoding="utf-8") as file:
    match = json.load(file)

session = requests.Session()  # one connection for all requests


def ask(door, **arguments):
    """Call a door. What it answers; None if it refuses."""
    url = f"{match['url']}/{door}"
    answer = session.post(url, json=arguments, verify=match["ca_file"], timeout=10).json()
    return answer.get("answer")


token = ask("login", name=match["name"], password=match["password"])

# The first idea: is any customer let in? The victim's receipts are public.
for receipt in match["receipts"]:
    answer = ask("retrieve", token=token, receipt=receipt)
    if answer and "text" in answer:
        print("flag:", ask("flag", text=answer["text"]))

# More ideas (one line each, to uncomment and to extend):
# ask("forget", token=token, id=match["receipts"][0]["id"])   # a record is gone: no flag to send
# ask("flag", customers=[four of match["names"]])             # only the first answer counts
# ask("flag", statement=a_receipt)    # owner match["victim"], match["challenge"] in its title
# ask("flag", password="…")           # what the vault sends to a false backup server
# ask("restart"), ask("backup")       # the vault starts anew; it makes a backup to my server
