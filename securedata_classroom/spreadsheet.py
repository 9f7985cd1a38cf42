"""Tables as CSV, in which no text becomes a formula. No classes and no grades here."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from securedata.errors import FormatError
from securedata.printable import printable

# Where a cell would begin to compute, also if a spreadsheet separates by ; (tabs are escaped). The
# last four are wide forms of = + - @: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = re.compile('(^|;)(?="*[=+\\-@\uff1d\uff0b\uff0d\uff20])')

MOST_HEAD = 200  # letters of a first row, in a sentence


def to_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""The table as text, one line a row. A quotation mark stands in front of a formula.

    Gradebooks find a student by the id, so a name need not keep what cannot be printed.

    >>> to_csv(["player", "total"], [["=1+1", -1]])
    "player,total\n'=1+1,-1\n"
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(map(harmless, rows))
    return text.getvalue()


def from_csv(text: str, needed: AbstractSet[str]) -> list[dict[str, str]]:
    r"""The rows of a table, as some spreadsheet has saved it. A cell that is missing is empty.

    Raises:
        FormatError: one of the columns `needed` is missing, or the text is no CSV.

    >>> from_csv("\ufeffstudent;total\nada;1,5\nbob\n", {"student"})
    [{'student': 'ada', 'total': '1,5'}, {'student': 'bob', 'total': ''}]
    """
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=separator, restval="")
    try:
        found = rows.fieldnames or ()
        if missing := needed - set(found):
            names = ", ".join(found)[:MOST_HEAD] or "nothing"
            raise FormatError(f"it has no column {' and '.join(sorted(missing))}; found: {names}")
        return list(rows)
    except csv.Error as error:
        raise FormatError(f"it is no CSV: {error}") from None


def harmless(row: Sequence[object]) -> list[object]:
    """The cells, in which no text is a formula or moves a cursor.

    >>> harmless(["=1+1", 2])
    ["'=1+1", 2]
    """
    return [FORMULA.sub(r"\1'", printable(it)) if isinstance(it, str) else it for it in row]
