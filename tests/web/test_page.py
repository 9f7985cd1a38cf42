"""GET / and what belongs to it: files with strict headers, and a log for local eyes only."""

import html
import json
import re
from importlib.resources import files

from vocabulary import ask

from securedata import BackgroundServer
from securedata.keys.file import KeyFile
from securedata.keys.service_keys import new_token
from securedata.web.contract import (
    DATA,
    ENDPOINTS,
    FOUR_FIELDS,
    MAX_TEXT_BYTES,
    RECEIPT,
    RETRIEVED,
)
from securedata.web.page import FILES, HEADERS, POLICY, SCRIPTS


def source(name: str) -> bytes:
    return (files("securedata.web.page") / name).read_bytes()


# The files.


def words_in(page: str) -> dict[str, str]:
    """The words that a page has for its scripts."""
    found = re.findall(r'data-name="(\w+)">(.+)</p>', source(page).decode())
    assert len(dict(found)) == len(found)
    return dict(found)


def words_of(*scripts: str) -> set[str]:
    """The names of the words that scripts say."""
    code = "".join(source(name).decode() for name in scripts)
    said = set(re.findall(r'"(\w+)"', " ".join(re.findall(r"\bwords\(([^){]*)", code))))
    for name in re.findall(r'\bcounted\("(\w+)"', code):
        said |= {f"{name}_one", f"{name}_other"}
    return said


def test_every_word_that_a_script_says_is_in_its_page() -> None:
    own = words_of("docs.js")
    assert set(words_in("docs.html")) == words_of("asking.js") | own
    assert set(words_in("index.html")) == words_of(*({*SCRIPTS} - {"docs.js"}))
    shared = {name: words for name, words in words_in("docs.html").items() if name not in own}
    assert shared.items() <= words_in("index.html").items()


def test_docs_prints_the_contract_and_nothing_runs_inside_it(server: BackgroundServer) -> None:
    answer = ask(server, "GET", "/docs")
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert (
        re.search(r"<script(?! type=\"module\" src=)|<style|\s(style|on\w+)=", answer.text) is None
    )
    page = html.unescape(answer.text)
    for endpoint in ENDPOINTS:
        assert f">{endpoint.method} {endpoint.path}</h2>" in page
        assert all(sentence in page for it in endpoint.refusals for sentence in it.sentences)
    for field in (*FOUR_FIELDS, DATA, *RECEIPT.required, *RETRIEVED.required):
        assert f">{field.name}<" in page or f">data.{field.name}<" in page
        assert field.meaning in page
        assert html.escape(field.example) in answer.text
    assert "at most 262,144 bytes of UTF-8" in page
    assert "\n  &#34;nonce&#34;" in answer.text


def test_the_page_knows_the_longest_text() -> None:
    assert f"MOST_TEXT_BYTES = {MAX_TEXT_BYTES:_};" in source("page.js").decode()


def test_each_file_is_sent_as_it_is_for_its_own_server_alone(server: BackgroundServer) -> None:
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY
    for address, (name, content_type) in FILES.items():
        answer = ask(server, "GET", address)
        assert (answer.status_code, answer.content) == (200, source(name))
        assert answer.headers["Content-Type"] == content_type
        assert answer.headers.items() >= HEADERS.items()


# The log.


def test_the_log_is_fifty_numbered_lines_and_a_look_leaves_none(server: BackgroundServer) -> None:
    for number in range(60):
        ask(server, "GET", f"/{number}")
    for _ in range(2):
        ask(server, "GET", "/page.css")
        log = [json.loads(line) for line in ask(server, "GET", "/log").text.splitlines()]
        assert [entry["line"] for entry in log] == [f"GET /{n} 404" for n in range(10, 60)]
        first = log[0]["number"]
        assert [entry["number"] for entry in log] == [first + n for n in range(50)]


def test_from_the_first_token_on_nobody_reads_the_log(
    own: BackgroundServer, key_file: KeyFile
) -> None:
    token = new_token()
    assert ask(own, "GET", "/log").status_code == 200
    key_file.update(lambda keys: keys.add_token("alice", token))
    assert_log_is_refused(own, token)
    key_file.update(lambda keys: keys.revoke_token("alice"))
    assert_log_is_refused(own, token)
    assert ask(own, "GET", "/").status_code == 200


def assert_log_is_refused(server: BackgroundServer, token: str) -> None:
    for headers in ({}, {"Authorization": f"Bearer {token}"}):
        answer = ask(server, "GET", "/log", headers=headers)
        assert answer.status_code == 403
        assert "where nobody needs a token" in answer.json()["error"]


# Pages from elsewhere: what a browser asks before it lets them.


def test_no_other_origin_is_ever_allowed_anything(server: BackgroundServer) -> None:
    preflight = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    for path in ("/store", "/retrieve", "/log", "/public-key"):
        for method in ("OPTIONS", "GET", "POST"):
            answer = ask(server, method, path, headers=preflight, json={"data": "hello"})
            assert not any(name.lower().startswith("access-control") for name in answer.headers)
