"""What an audit found, as a table: in a notebook HTML, elsewhere text that is always the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from securedata_lab.lesson08_break_it_fix_it.auditing.attack import Attack
from securedata_lab.lesson08_break_it_fix_it.auditing.student_file import lines_of
from securedata_lab.lesson08_break_it_fix_it.explorer_doors import Door, explore_doors

BROKEN, SYMPTOM, FIXED = "broken", "symptom patch", "fixed"
POINTS = {BROKEN: 0, SYMPTOM: 1, FIXED: 2}
PRINTED_LINES, PRINTED_LENGTH = 5, 100


@dataclass(frozen=True)
class Row:
    """One attack: the first of its kinds that succeeded, if any did, and what it got."""

    attack: Attack
    kind: str | None
    evidence: str

    @property
    def verdict(self) -> str:
        """Broken if the plain kind succeeds, a symptom patch if only others do."""
        if self.kind is None:
            return FIXED
        return BROKEN if self.kind == next(iter(self.attack.kinds)) else SYMPTOM

    @property
    def state(self) -> str:
        """What a brief report says: shut if no kind succeeds, else open."""
        return "shut" if self.kind is None else "open"

    @property
    def words(self) -> str:
        """What was gained, and why, in two sentences at most."""
        if self.kind is None:
            return f"{self.attack.withstood[0].upper()}{self.attack.withstood[1:]}."
        kind = self.attack.kinds[self.kind]
        return f"{kind.gain} ({self.kind}). {kind.why}"


@dataclass(frozen=True)
class AuditReport:
    """The table. `str` gives it as text, and a notebook shows it in colours.

    >>> print(AuditReport("my_vault.py", (), "the file cannot be used"))
    my_vault.py: the file cannot be used. 0 points.
    """

    file: str
    rows: tuple[Row, ...]
    unusable: str | None  # a sentence, if honest use already fails
    source: str = ""  # of the audited file
    printed: str = ""  # the last that its code has printed
    were: Mapping[str, str] = field(default_factory=dict)  # the verdicts of the audit before
    brief: bool = False  # it names the open doors, and tells no attack

    @property
    def verdicts(self) -> dict[str, str]:
        """Each method's verdict: broken, symptom patch or fixed."""
        return {row.attack.method: row.verdict for row in self.rows}

    @property
    def points(self) -> int:
        """Two for each method that is fixed, one for a symptom patch; none if honest use fails."""
        return sum(POINTS[row.verdict] for row in self.rows)

    @property
    def last_printed(self) -> str:
        """The last lines that the file's code has printed, under a heading; "" if it has not."""
        lines = [line[:PRINTED_LENGTH] for line in self.printed.splitlines()[-PRINTED_LINES:]]
        return "\n".join([f"{self.file} printed at last:", *lines]) if lines else ""

    def __str__(self) -> str:
        printed = f"\n{self.last_printed}" if self.printed else ""
        if self.unusable:
            return f"{self.file}: {self.unusable}. 0 points.{printed}"
        width = max(len(row.attack.method) for row in self.rows)
        if self.brief:
            lines = [f"{it.attack.method:{width}}  {it.state}" for it in self.rows]
            return "\n".join([*lines, self._foot()]) + printed
        lines = [f"{it.attack.method:{width}}  {it.verdict:13}  {it.words}" for it in self.rows]
        return "\n".join([*lines, self._foot()]) + printed

    __repr__ = __str__

    def _repr_html_(self) -> str:
        printed = f"<pre>{escape(self.last_printed)}</pre>" if self.printed else ""
        if self.unusable:
            return f"<p><b>{escape(self.file)}</b>: {escape(self.unusable)}. 0 points.</p>{printed}"
        doors = explore_doors(map(self._door, self.rows), self._foot(), str(self))
        return doors._repr_html_() + printed

    def _door(self, row: Row) -> Door:
        name, lines = row.attack.method, lines_of(row.attack.method, self.source)
        if self.brief:
            verdict = FIXED if row.kind is None else BROKEN
            return Door(name, verdict, self.were.get(name, verdict), lines=lines)
        kind = row.attack.kinds.get(row.kind or "")
        return Door(
            method=name,
            verdict=row.verdict,
            was=self.were.get(name, row.verdict),
            found=f"{kind.gain}: {row.evidence}" if kind else "",
            kind=row.kind or "",
            why=kind.why if kind else row.words,
            kinds=() if row.verdict == BROKEN else tuple(row.attack.kinds),
            lines=lines,
        )

    def _foot(self) -> str:
        if self.brief:
            is_open = sum(row.kind is not None for row in self.rows)
            return f"{is_open} of {len(self.rows)} doors are open"
        return f"{self.points} of {2 * len(self.rows)} points"
