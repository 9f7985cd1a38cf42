"""What a class hands in: a folder or a zip, in the layouts of nbgrader, of Moodle, or as it came.

It reads names and bytes, and runs nothing. A zip is never unpacked to the disk.
"""

import io
import re
import stat
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
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
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)", re.DOTALL)
LEFT_OUT = ("__MACOSX", ".ipynb_checkpoints")
BESIDE = (".py", ".json")  # of the files beside a notebook: helpers, and the results file
SEPARATORS = " _-.,()[]"

Parts = tuple[str, ...]


@dataclass
class _Left:
    """How much may still be unpacked. Zips inside a student's zip share what it may take."""

    bytes: int = MOST_MIB * MIB


class File(NamedTuple):
    """A file by its folders and name: the content, or a sentence why it cannot be read.

    >>> File(("eve", "submitted", "a.ipynb"), b"", zips=(1,)).outside  # from eve.zip
    1
    """

    parts: Parts
    content: bytes | str
    zips: tuple[int, ...] = ()  # how many parts are in front of what an inner zip holds

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


def submissions_in(path: Path, stems: list[str]) -> list[Submission]:
    """All notebooks in a folder or zip, sorted. `stems` are the lessons' file names.

    Raises:
        FormatError: there is no such folder or zip, it cannot be read, or it has no notebook.

    >>> submissions_in(Path("nowhere.zip"), [])
    Traceback (most recent call last):
        ...
    securedata.errors.FormatError: nowhere.zip: there is no such folder or zip
    """
    if path.is_dir():
        files = list(_in_folder(path))
        if path.name == "submitted":  # nbgrader's folder itself
            files = [
                File(("submitted", *it.parts), it.content, tuple(n + 1 for n in it.zips))
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
        if path.is_symlink() or not path.is_file() or set(parts) & set(LEFT_OUT):
            continue  # a link may lead to a file that is nobody's submission
        if path.stat().st_size > MOST_FILE_MIB * MIB and not _is_zip(path.name):
            yield File(parts, f"it has more than {MOST_FILE_MIB} MiB")
        elif _is_zip(path.name):
            yield from _inner_zip(path.read_bytes(), parts, (), left)
        elif _is_wanted(path.name):
            yield File(parts, path.read_bytes())


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
            if (
                info.is_dir()
                or stat.S_ISLNK(info.external_attr >> 16)
                or set(parts) & set(LEFT_OUT)
            ):
                continue
            try:
                yield from _member(archive, info, File(parts, b"", zips), left)
            except FormatError as error:
                if zips:  # one student's
                    raise
                yield File(parts, str(error))


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: File, left: _Left
) -> Iterator[File]:
    if _is_zip(info.filename):
        inner = _unpacked(archive, info, left, MOST_IN_ZIP_MIB)
        yield from _inner_zip(inner, file.parts, file.zips, left)
    elif _is_wanted(info.filename):
        yield file._replace(content=_unpacked(archive, info, left, MOST_FILE_MIB))


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
    """A zip of a folder has that folder in front of every name."""
    while len({it.parts[0] for it in files}) == 1 and all(len(it.parts) > 2 for it in files):
        if MOODLE.match(files[0].parts[0]):
            break
        files = [it.without(1) for it in files]
    return files


def _submissions(files: list[File], stems: list[str]) -> Iterator[Submission]:
    beside: dict[Parts, dict[str, bytes]] = defaultdict(dict)
    for parts, content, _ in files:
        if isinstance(content, bytes) and len(parts) > 1 and parts[-1].endswith(BESIDE):
            beside[parts[:-1]][_plain_name(parts[-1])] = content
    ids: dict[str, str] = {}
    for file in files:
        parts, content, _ = file
        if isinstance(content, bytes) and not parts[-1].lower().endswith(".ipynb"):
            continue
        student, number = _student(file, stems)
        student = unicodedata.normalize("NFC", student)  # macOS writes ü as two characters
        if number and ids.setdefault(student, number) != number:
            student = f"{student} ({number})"  # two students of one name
        name = "/".join(parts)
        if isinstance(content, str):
            yield Submission(student, name, problem=content)
        else:
            yield Submission(student, name, content, beside=beside[parts[:-1]])


def _student(file: File, stems: list[str]) -> tuple[str, str]:
    """Whose file this is, and the number that Moodle gave to the submission, or "".

    >>> _student(File(("Ada Lovelace_12_assignsubmission_file_", "a.ipynb"), b""), [])
    ('Ada Lovelace', '12')
    >>> _student(File(("submitted", "ada", "lesson 2", "02_aes_gcm.ipynb"), b""), [])[0]
    'ada'
    >>> _student(File(("02_aes_gcm_ada.ipynb",), b""), ["02_aes_gcm"])[0]
    'ada'
    """
    parts = file.parts
    for part in parts[: file.outside]:
        if moodle := MOODLE.match(part):
            return moodle["name"].strip(), moodle["id"]
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
    moodle = MOODLE.match(name)
    return moodle["rest"] if moodle else name
