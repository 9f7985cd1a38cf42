"""Pages that lie on a disk: from a template, in one file, with no way to a network.

What a student wrote is escaped by the caller. No grades here.
"""

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import securedata

INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)
# The colours of the service's page, light and dark: all in front of its first rule of layout.
PAGE_CSS = Path(securedata.__file__).parent / "web" / "page" / "page.css"


def page(template: str, **texts: str) -> str:
    """The template, with these texts in place of `{{name}}`, the last one last.

    Only its own script and style run, by their hashes: nothing that stands in a text.

    >>> "default-src 'none'; style-src 'sha256-" in page("feedback.html", title="02")
    True
    """
    whole = (files(__package__) / template).read_text("utf-8")
    colours = PAGE_CSS.read_text("utf-8").partition("\n* {")[0]
    script = (files(__package__) / "marking.js").read_text("utf-8")
    for name, text in {"colours": colours, "script": script}.items():
        whole = whole.replace(f"{{{{{name}}}}}", text)
    rules = [
        f"{kind}-src 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
        for kind, text in INLINE.findall(whole)
    ]
    policy = "; ".join(["default-src 'none'", *rules, "base-uri 'none'", "form-action 'none'"])
    for name, text in {"policy": policy, **texts}.items():
        whole = whole.replace(f"{{{{{name}}}}}", text)
    return whole
