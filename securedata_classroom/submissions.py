"""What a class hands in: a folder or a zip, from nbgrader, Moodle or Canvas, or as it came.

It reads names and bytes, and runs nothing. A zip is never unpacked to the disk. Nobody vanishes:
who handed in no notebook is in the list, too, with a sentence that says so.
"""

import io
import re
import stat
import time
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from securedata.errors import FormatError

MIB, KIB = 1 << 20, 1 << 10
MOST_FILE_MIB = 20
MOST_MIB = 2048  # of what is in all zips together
MOST_FILES = 20_000
MOST_IN_ZIP_MIB = 256  # of one student, with the zips inside
EACH_KIB = 1  # what a file takes beside its content
MOST_ZIPS_DEEP = 3
# moodle/moodle, mod/assign/locallib.php, download_submissions(): the name, and the number of the
# "Participant 12" in the grading worksheet.
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)", re.DOTALL)
# instructure/canvas-lms, lib/content_zipper.rb, get_filename() and what calls it: the user's id and
# the file's. A text or a link has no file, an anonymous student no id.
FILE = r"_(?:\d+_(?P<rest>.+)|(?:text|link)\.html)"
ANONYMOUS = re.compile(rf"(?P<late>LATE_)?(?P<name>anon_[^_]+)(?P<id>){FILE}", re.DOTALL)
CANVAS = re.compile(rf"(?P<name>.+?)_(?P<late>LATE_)?(?P<id>\d+){FILE}", re.DOTALL)
LEFT_OUT = ("__MACOSX", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini")
BESIDE = (".py", ".json")  # of the files beside a notebook: helpers, and the results file
LINK = "a link"
VAULT = "my_vault.py"  # what lesson 08 makes: it is judged also without its notebook
MOST_NAMES = 5  # of files, in a sentence
SEPARATORS = " _-.,()[]"

Parts = tuple[str, ...]


@dataclass
class _Left:
    """How much may still be unpacked. Zips inside a student's zip share what it may take."""

    bytes: int = MOST_MIB * MIB


class File(NamedTuple):
    """A file by its folders and name: the content, or a sentence why it cannot be read.

    What is no notebook and stands beside none has no content: only its name is said. A folder is
    a file whose name is empty.

    >>> File(("eve", "submitted", "a.ipynb"), b"", zips=(1,)).outside  # from eve.zip
    1
    """

    parts: Parts
    content: bytes | str | None
    zips: tuple[int, ...] = ()  # how many parts are in front of what an inner zip holds
    when: tuple[int, ...] = ()  # year, month, day, hour, minute
    kind: str = ""  # "a link" is not followed: what it leads to may be nobody's hand-in

    @property
    def is_notebook(self) -> bool:
        """Whether it is to be graded, or to be said why it cannot be."""
        return isinstance(self.content, str) or (
            self.content is not None and self.parts[-1].lower().endswith(".ipynb")
        )

    @property
    def outside(self) -> int:
        """How many parts the lecturer's side named. A student named those inside the zip."""
        return self.zips[0] if self.zips else len(self.parts)

    def without(self, count: int) -> "File":
        """The file without its first folders."""
        zips = tuple(it - count for it in self.zips if it > count)
        return self._replace(parts=self.parts[count:], zips=zips)


@dataclass(frozen=True)
class Submission:
    """One notebook that a student handed in, or why it cannot be read.

    >>> Submission("ada", "ada.zip", problem="it is no zip").content
    b''
    """

    student: str
    name: str  # of the file, with its folders
    content: bytes = b""
    problem: str = ""
    beside: dict[str, bytes] = field(default_factory=dict)  # small files in the same folder
    id: str = ""  # "Participant 12" is Moodle's, "Canvas 12" is Canvas's
    when: tuple[int, ...] = ()
    late: str = ""  # "late", if Canvas says so in a file's name
    below: int = 0  # how many folders below another notebook of the same zip


def submissions_in(path: Path, stems: list[str]) -> list[Submission]:
    """All notebooks in a folder or zip, sorted, and who handed in none. `stems` are the lessons'.

    Raises:
        FormatError: there is no such folder or zip, it cannot be read, or no notebook is in it.

    >>> submissions_in(Path("nowhere.zip"), [])
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: nowhere.zip: there is no such folder or zip
    """
    if path.is_dir():
        files = list(_in_folder(path))
        if path.name == "submitted":  # nbgrader's folder itself
            files = [
                it._replace(parts=("submitted", *it.parts), zips=tuple(n + 1 for n in it.zips))
                for it in files
            ]
    elif path.is_file():
        try:
            files = list(_in_zip(path.read_bytes(), (), (), _Left()))
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from None
    else:
        raise FormatError(f"{path}: there is no such folder or zip")
    files = _without_common_zip(files)
    found = list(_submissions(_of_nbgrader(files) or _without_common_folder(files), stems))
    if not found:
        raise FormatError(f"{path}: there is no notebook (.ipynb) in it")
    return sorted(found, key=lambda it: (it.student.casefold(), it.name))


def _in_folder(folder: Path) -> Iterator[File]:
    left = _Left()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if set(parts) & set(LEFT_OUT):
            continue
        if path.is_symlink():
            yield File(parts, None, kind=LINK)
        elif path.is_dir():
            yield File((*parts, ""), None)
        elif not path.is_file() or not (_is_zip(path.name) or _is_wanted(path.name)):
            yield File(parts, None)
        elif _is_zip(path.name):
            yield from _inner_zip(path.read_bytes(), parts, (), left)
        elif path.stat().st_size > MOST_FILE_MIB * MIB:
            yield File(parts, f"it has more than {MOST_FILE_MIB} MiB")
        else:
            when = tuple(time.localtime(path.stat().st_mtime)[:5])
            yield File(parts, path.read_bytes(), when=when)


def _inner_zip(content: bytes, parts: Parts, zips: tuple[int, ...], left: _Left) -> Iterator[File]:
    """A zip inside: whatever is wrong with it is one student's, and the rest goes on."""
    folder = (*parts[:-1], parts[-1][: -len(".zip")])
    own = left if zips else _Left(min(left.bytes, MOST_IN_ZIP_MIB * MIB))
    before, zips = own.bytes, (*zips, len(folder))
    try:
        found = list(_in_zip(content, folder, zips, own))
    except FormatError as error:
        found = [File((*folder, "zip"), str(error), zips)]
    else:
        left.bytes -= before - own.bytes if own is not left else 0
    yield File((*folder, ""), None, zips)
    yield from found


def _in_zip(content: bytes, folder: Parts, zips: tuple[int, ...], left: _Left) -> Iterator[File]:
    if len(zips) >= MOST_ZIPS_DEEP:
        raise FormatError(f"zips inside zips, more than {MOST_ZIPS_DEEP} deep")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise FormatError("it is no zip, or a damaged one") from None
    with archive:
        infos = archive.infolist()
        if len(infos) > MOST_FILES:
            raise FormatError(f"a zip with more than {MOST_FILES} files")
        for info in infos:
            parts = (*folder, *_safe_parts(info.filename))
            if set(parts) & set(LEFT_OUT):
                continue
            try:
                yield from _member(archive, info, File(parts, None, zips), left)
            except FormatError as error:
                if zips:  # one student's
                    raise
                yield File(parts, str(error))


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: File, left: _Left
) -> Iterator[File]:
    if info.is_dir():
        yield file._replace(parts=(*file.parts, ""))
    elif stat.S_ISLNK(info.external_attr >> 16):
        yield file._replace(kind=LINK)
    elif _is_zip(info.filename):
        inner = _unpacked(archive, info, left, MOST_IN_ZIP_MIB)
        yield from _inner_zip(inner, file.parts, file.zips, left)
    elif _is_wanted(info.filename):
        content = _unpacked(archive, info, left, MOST_FILE_MIB)
        yield file._replace(content=content, when=info.date_time[:5])
    else:
        yield file


def _safe_parts(name: str) -> Parts:
    """The folders and the name of a file in a zip.

    Raises:
        FormatError: the name leads out of the zip.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in (path.parts or ("",))[0] or "\0" in name:
        raise FormatError(f"a zip with a name that leads out of it: {name[:60]!r}")
    return path.parts


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: _Left, most_mib: int) -> bytes:
    """The content of a member. A bomb is noticed while it is read: its header may lie."""
    most = min(left.bytes, most_mib * MIB)
    try:
        with archive.open(info) as member:
            data = member.read(most + 1)
    except RuntimeError:
        raise FormatError("a zip with a password") from None
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError):
        raise FormatError("a damaged zip") from None
    except Exception:  # zlib.error and lzma's, where a module may be missing
        raise FormatError("a damaged zip") from None
    if len(data) > most:
        raise FormatError(f"a zip that unpacks to too much: {info.filename[:60]!r}")
    left.bytes = max(0, left.bytes - len(data) - EACH_KIB * KIB)
    return data


def _is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def _is_wanted(name: str) -> bool:
    return name.lower().endswith((".ipynb", *BESIDE))


# Whose is a file?


def _without_common_zip(files: list[File]) -> list[File]:
    """A folder with one zip, such as Moodle's: what it holds counts as if it were unpacked."""
    while all(it.zips for it in files) and len({it.parts[: it.outside] for it in files}) == 1:
        files = [it._replace(zips=it.zips[1:]) for it in files]
    return files


def _of_nbgrader(files: list[File]) -> list[File]:
    """The files below nbgrader's folder `submitted`, and not those of its other folders.

    No student made it: it stands where all files are, and it is no zip.
    """
    top = 0
    while len(common := {it.parts[top : top + 1] for it in files}) == 1:
        if common & {(), ("submitted",)}:
            break
        top += 1
    return [it.without(top) for it in files if _is_submitted(it.parts[top:], it.outside - top)]


def _is_submitted(parts: Parts, outside: int) -> bool:
    return parts[:1] == ("submitted",) and len(parts) > 2 and outside > 1


def _without_common_folder(files: list[File]) -> list[File]:
    """A zip of a folder has that folder in front of every name. A lecturer's list may stand in it.

    >>> files = [File(("week 2", "ada", "a.ipynb"), b""), File(("week 2", "list.csv"), None)]
    >>> [it.parts for it in _without_common_folder(files)]
    [('ada', 'a.ipynb'), ('list.csv',)]
    """
    while True:
        standing = [it for it in files if it.is_notebook or len(it.parts) > 1]
        firsts = {it.parts[0] for it in standing}
        deep = [it for it in standing if it.is_notebook] or [it for it in standing if it.parts[-1]]
        if (
            len(firsts) != 1
            or _labelled(firsts.pop())
            or not all(len(it.parts) > 2 or _labelled("".join(it.parts[1:])) for it in deep)
        ):
            return files
        shorter = [it.without(1) if len(it.parts) > 1 else it for it in files]
        files = [it for it in shorter if it.parts != ("",)]


def _labelled(part: str) -> re.Match[str] | None:
    """How Moodle or Canvas names what a student handed in.

    >>> _labelled("obrienbob_LATE_1202_77_02_aes_gcm-1.ipynb").groupdict()
    {'name': 'obrienbob', 'late': 'LATE_', 'id': '1202', 'rest': '02_aes_gcm-1.ipynb'}
    >>> _labelled("02_aes_gcm_ada.ipynb")
    """
    found = (it.fullmatch(part) for it in (MOODLE, ANONYMOUS, CANVAS))
    return next(filter(None, found), None)


def before_the_file(part: str) -> str:
    """What Canvas wrote in front of a file's own name, or "" if this is no file of its download.

    >>> before_the_file("lovelaceada_LATE_12_77_02_aes_gcm-1.ipynb"), before_the_file("a.ipynb")
    ('lovelaceada_LATE_12_77_', '')
    """
    label = _labelled(part)
    is_canvas = label is not None and label.re is not MOODLE and label["rest"] is not None
    return part[: label.start("rest")] if label and is_canvas else ""


def is_anonymous(student: str) -> bool:
    """Whether Canvas has hidden who this is.

    >>> is_anonymous("anon_Ab1"), is_anonymous("ada")
    (True, False)
    """
    return student.startswith("anon_")


def _submissions(files: list[File], stems: list[str]) -> Iterator[Submission]:
    ids: dict[str, str] = {}
    handed_in: dict[tuple[str, str], list[File]] = defaultdict(list)
    for file in files:
        student, number = _student(file, stems)
        student = unicodedata.normalize("NFC", student)  # macOS writes ü as two characters
        if number and ids.setdefault(student, number) != number:
            student = f"{student} ({number.rpartition(' ')[2]})"  # two students of one name
        handed_in[student, number].append(file)
    for (student, number), own in handed_in.items():
        labels = [_labelled(it.parts[0]) for it in own]
        late = "late" if any(it and it.groupdict().get("late") for it in labels) else ""
        for one in _of_one(student, own):
            yield replace(one, id=number, late=late)


def _of_one(student: str, files: list[File]) -> Iterator[Submission]:
    """What one student handed in: the notebooks, or my_vault.py, or a sentence what there is."""
    beside: dict[Parts, dict[str, bytes]] = defaultdict(dict)
    for it in files:
        if isinstance(it.content, bytes) and it.parts[-1].endswith(BESIDE):
            beside[it.parts[:-1]][_plain_name(it.parts[-1])] = it.content
    notebooks = [it for it in files if it.is_notebook]
    vaults = [it for it in files if it.content and _plain_name(it.parts[-1]) == VAULT]
    by_depth = sorted(notebooks, key=lambda it: len(it.parts), reverse=True)
    tops = {it.parts[: it.outside]: len(it.parts) for it in by_depth if it.zips}
    for it in notebooks or vaults:
        below = len(it.parts) - tops.get(it.parts[: it.outside], len(it.parts))
        name, near = "/".join(it.parts), beside[it.parts[:-1]]
        if isinstance(it.content, bytes):
            yield Submission(student, name, it.content, "", near, when=it.when, below=below)
        else:
            yield Submission(student, name, problem=str(it.content))
    names = [it for it in files if it.parts[-1] and not any(p.startswith(".") for p in it.parts)]
    said = [f"{_plain_name(it.parts[-1])}{it.kind and f' ({it.kind})'}" for it in names]
    if len(said) > MOST_NAMES:
        said[MOST_NAMES:] = [f"and {len(said) - MOST_NAMES} more"]
    if not notebooks and not vaults and not student.startswith("."):
        words = ", ".join(said) or "an empty folder"
        yield Submission(student, "", problem=f"no notebook in what was handed in: {words}")


def _student(file: File, stems: list[str]) -> tuple[str, str]:
    """Whose file this is, and "Participant 12" of Moodle, "Canvas 12" of Canvas, or "".

    >>> _student(File(("Ada Lovelace_12_assignsubmission_file_", "a.ipynb"), b""), [])
    ('Ada Lovelace', 'Participant 12')
    >>> _student(File(("lovelaceada_LATE_12_77_02_aes_gcm-1.ipynb",), b""), [])
    ('lovelaceada', 'Canvas 12')
    >>> _student(File(("submitted", "ada", "lesson 2", "02_aes_gcm.ipynb"), b""), [])[0]
    'ada'
    >>> _student(File(("02_aes_gcm_ada.ipynb",), b""), ["02_aes_gcm"])[0]
    'ada'
    """
    parts = file.parts
    for part in parts[: file.outside]:
        if moodle := MOODLE.match(part):
            name, number = moodle["name"].strip(), f"Participant {moodle['id']}"
            return (number if name == "Participant" else name), number  # or all are of one name
    if canvas := _labelled(parts[0]):  # it has no folders: one inside is a student's
        return canvas["name"], canvas["id"] and f"Canvas {canvas['id']}"
    if _is_submitted(parts, file.outside):
        return parts[1], ""
    if len(parts) > 1:
        return parts[0], ""
    stem = PurePosixPath(parts[0]).stem
    for lesson in stems:
        left = stem.replace(lesson, "").strip(SEPARATORS)
        if lesson in stem and left:
            return left, ""
    return stem, ""


def _plain_name(name: str) -> str:
    """A file's name without what Moodle or Canvas put in front of it.

    >>> _plain_name("ada_12_77_my_vault.py"), _plain_name("Ada_12_assignsubmission_file_a.py")
    ('my_vault.py', 'a.py')
    """
    label = _labelled(name)
    return label["rest"] or name if label else name
