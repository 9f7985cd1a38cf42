"""What a class hands in: a folder or a zip, in the layouts of nbgrader, of Moodle, or as it came.

It reads names and bytes, and runs nothing. A zip is never unpacked to the disk.
"""

import io
import re
import stat
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from securedata.errors import FormatError

MIB = 1024 * 1024
MOST_FILE_MIB = 20
MOST_MIB = 2048  # of all files together
MOST_FILES = 20_000
MOST_IN_ZIP_MIB = 1024
MOST_ZIPS_DEEP = 3
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)", re.DOTALL)
LEFT_OUT = ("__MACOSX", ".ipynb_checkpoints")
BESIDE = (".py", ".json")  # of the files beside a notebook: helpers, and the results file
SEPARATORS = " _-.,()[]"

Parts = tuple[str, ...]
# By its folders and name: the content, or a sentence why it cannot be read.
File = tuple[Parts, bytes | str]


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
            files = [(("submitted", *parts), content) for parts, content in files]
    elif path.is_file():
        try:
            files = list(_in_zip(path.read_bytes(), (), 1))
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from None
    else:
        raise FormatError(f"{path}: there is no such folder or zip")
    handed_in = [it for it in files if "submitted" in it[0][:-2]]  # not nbgrader's other folders
    found = list(_submissions(_without_common_folder(handed_in or files), stems))
    if not found:
        raise FormatError(f"{path}: there is no notebook (.ipynb) in it")
    return sorted(found, key=lambda it: (it.student.casefold(), it.name))


def _in_folder(folder: Path) -> Iterator[File]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_symlink() or not path.is_file() or set(parts) & set(LEFT_OUT):
            continue  # a link may lead to a file that is nobody's submission
        if path.stat().st_size > MOST_FILE_MIB * MIB and not _is_zip(path.name):
            yield parts, f"it has more than {MOST_FILE_MIB} MiB"
        elif _is_zip(path.name):
            yield from _inner_zip(path.read_bytes(), parts, 1)
        elif _is_wanted(path.name):
            yield parts, path.read_bytes()


def _inner_zip(content: bytes, parts: Parts, deep: int) -> Iterator[File]:
    """A zip inside: whatever is wrong with it is one student's, and the rest goes on."""
    folder = (*parts[:-1], parts[-1][: -len(".zip")])
    try:
        yield from list(_in_zip(content, folder, deep))
    except FormatError as error:
        yield (*folder, "zip"), str(error)


def _in_zip(content: bytes, folder: Parts, deep: int) -> Iterator[File]:
    if deep > MOST_ZIPS_DEEP:
        raise FormatError(f"zips inside zips, more than {MOST_ZIPS_DEEP} deep")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise FormatError("it is no zip, or a damaged one") from None
    with archive:
        infos = archive.infolist()
        if len(infos) > MOST_FILES:
            raise FormatError(f"a zip with more than {MOST_FILES} files")
        left = MOST_IN_ZIP_MIB * MIB
        for info in infos:
            parts = (*folder, *_safe_parts(info.filename))
            if (
                info.is_dir()
                or stat.S_ISLNK(info.external_attr >> 16)
                or set(parts) & set(LEFT_OUT)
            ):
                continue
            if _is_zip(info.filename):
                inner = _unpacked(archive, info, min(left, 256 * MIB))
                left -= len(inner)
                yield from _inner_zip(inner, parts, deep + 1)
            elif _is_wanted(info.filename):
                data = _unpacked(archive, info, min(left, MOST_FILE_MIB * MIB))
                left -= len(data)
                yield parts, data


def _safe_parts(name: str) -> Parts:
    """The folders and the name of a file in a zip.

    Raises:
        FormatError: the name leads out of the zip.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in (path.parts or ("",))[0] or "\0" in name:
        raise FormatError(f"a zip with a name that leads out of it: {name[:60]!r}")
    return path.parts


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """The content of a member. A bomb is noticed while it is read: its header may lie."""
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
    return data


def _is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def _is_wanted(name: str) -> bool:
    return name.lower().endswith((".ipynb", *BESIDE))


# Whose is a file?


def _without_common_folder(
    files: list[File],
) -> list[File]:
    """A zip of a folder has that folder in front of every name."""
    while len({parts[0] for parts, _ in files}) == 1 and all(len(parts) > 2 for parts, _ in files):
        if files[0][0][0] == "submitted" or MOODLE.match(files[0][0][0]):
            break
        files = [(parts[1:], content) for parts, content in files]
    return files


def _submissions(files: list[File], stems: list[str]) -> Iterator[Submission]:
    beside: dict[Parts, dict[str, bytes]] = defaultdict(dict)
    for parts, content in files:
        if isinstance(content, bytes) and len(parts) > 1 and parts[-1].endswith(BESIDE):
            beside[parts[:-1]][_plain_name(parts[-1])] = content
    ids: dict[str, str] = {}
    for parts, content in files:
        if isinstance(content, bytes) and not parts[-1].lower().endswith(".ipynb"):
            continue
        student, number = _student(parts, stems)
        if number and ids.setdefault(student, number) != number:
            student = f"{student} ({number})"  # two students of one name
        name = "/".join(parts)
        if isinstance(content, str):
            yield Submission(student, name, problem=content)
        else:
            yield Submission(student, name, content, beside=beside[parts[:-1]])


def _student(parts: Parts, stems: list[str]) -> tuple[str, str]:
    """Whose file this is, and the number that Moodle gave to the submission, or "".

    >>> _student(("Ada Lovelace_12_assignsubmission_file_", "a.ipynb"), [])
    ('Ada Lovelace', '12')
    >>> _student(("submitted", "ada", "lesson 2", "02_aes_gcm.ipynb"), [])[0]
    'ada'
    >>> _student(("02_aes_gcm_ada.ipynb",), ["02_aes_gcm"])[0]
    'ada'
    """
    for part in parts:
        if moodle := MOODLE.match(part):
            return moodle["name"].strip(), moodle["id"]
    if "submitted" in parts[:-2]:
        return parts[parts.index("submitted") + 1], ""
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
