"""A thing to touch: HTML with its answers inside, and the same facts as text.

Every answer is computed beforehand, so an explorer needs no kernel: it stays alive in a page that
was exported. The text is for screen readers, for GitHub, and for tests.

explorer_NAME.js and explorer_NAME.css stand in the lesson's folder, beside what makes the data.
They are put behind explorer.js and explorer.css of this folder, which all share.
"""

import json
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Explorer:
    """The package of its script, its name, the data that it reads, and both in words.

    >>> Explorer("securedata_lab.lesson01_aes_modes", "bits", {"a": 1}, "in words")
    in words
    """

    package: str
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
            f"<style>\n{_text(__package__, 'explorer.css')}{self._own('css')}</style>\n"
            f"<script>\n{_text(__package__, 'explorer.js').replace('sd-this', f'sd-{self.name}')}"
            f"{self._own('js')}}}\n</script>"
        )

    def _own(self, kind: str) -> str:
        return _text(self.package, f"explorer_{self.name}.{kind}")


def _text(package: str, name: str) -> str:
    return (files(package) / name).read_text(encoding="utf-8")
