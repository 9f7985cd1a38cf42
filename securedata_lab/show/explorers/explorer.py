"""A thing to touch: HTML with its answers inside, and the same facts as text.

Every answer is computed beforehand, so an explorer needs no kernel: it stays alive in a page that
was exported. The text is for screen readers, for GitHub, and for tests.

NAME.js and NAME.css of this folder are put behind explorer.js and explorer.css, which all share.
"""

import json
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Explorer:
    """Its name, the data that its script reads, and both in words.

    >>> Explorer("bits", {"a": 1}, "in words")
    in words
    """

    name: str
    data: Any
    words: str

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:  # IPython asks for it
        data = escape(json.dumps(self.data, separators=(",", ":")))
        return (
            f'<div class="sd-explorer sd-{self.name}" data-answers="{data}">'
            f"<pre>{escape(self.words)}</pre></div>\n"
            f"<style>\n{_text('explorer.css')}{_text(f'{self.name}.css')}</style>\n"
            f"<script>\n{_text('explorer.js').replace('sd-this', f'sd-{self.name}')}"
            f"{_text(f'{self.name}.js')}}}\n</script>"
        )


def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
