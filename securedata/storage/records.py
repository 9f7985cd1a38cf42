"""Sealed records in SQL: SQLite by default, PostgreSQL by URL. One table.

It stores and finds records. It verifies and decrypts nothing.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import Any, Literal

from sqlalchemy import (
    Column,
    ColumnElement,
    Engine,
    Index,
    LargeBinary,
    MetaData,
    RowMapping,
    Select,
    String,
    Table,
    bindparam,
    case,
    false,
    func,
    insert,
    inspect,
    literal,
    select,
    update,
)
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from securedata.errors import (
    DamagedRecordError,
    DiskFullError,
    FormatError,
    RecordNotFoundError,
    StorageError,
)
from securedata.record import (
    MAX_CIPHERTEXT_BYTES,
    PATTERNS,
    Header,
    SealedRecord,
    Submission,
    WrappedKey,
)
from securedata.storage.database import (
    begin_alone,
    is_disk_full,
    open_engine,
    transaction,
    without_password,
)

BATCH_ROWS = 200  # in memory at a time, when all rows are read

HEADER_COLUMNS = [field.name for field in fields(Header)]
SUBMITTED_FIELDS = [field.name for field in fields(Submission)]
KEY_COLUMNS = [*HEADER_COLUMNS, "key_id", "wrapped_key"]
RECORDS = Table(
    "records",
    MetaData(),
    # All text, as it was signed: a DateTime, for instance, would lose its zone in SQLite.
    *(
        Column(name, String, primary_key=name == "record_id", nullable=False)
        for name in HEADER_COLUMNS
    ),
    Column("key_id", String, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("tag", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Index("records_by_nonce", "nonce", "owner", unique=True),
)


def _is_bounded(column: Column[Any]) -> ColumnElement[bool]:
    # The database looks at the length alone. Before 3.43, SQLite reads a text to know its length.
    length = func.octet_length if sqlite3.sqlite_version_info >= (3, 43) else func.length
    return length(column) <= MAX_CIPHERTEXT_BYTES


def _bounded(*names: str) -> list[ColumnElement[Any]]:
    """These columns, with NULL in place of a value that is longer than any part of a record."""
    return [case((_is_bounded(RECORDS.c[name]), RECORDS.c[name])).label(name) for name in names]


def _where(*asked: str, columns: Iterable[str]) -> Select[Any]:
    """Select columns of the row in which the other columns have the values that are asked for."""
    return select(*_bounded(*columns)).where(
        *(RECORDS.c[name] == bindparam(name) for name in asked)
    )


# Built once: building a statement takes longer than running it.
INSERT = insert(RECORDS).execution_options(preserve_rowcount=True)
INSERT_NONE = INSERT.from_select(list(RECORDS.columns), select(RECORDS).where(false()))
BY_ID = _where("record_id", "owner", columns=RECORDS.columns.keys())
BY_NONCE = _where("nonce", "owner", columns=KEY_COLUMNS)


class RecordStore:
    """A database of sealed records, made on first use. Safe to share between threads.

    The url is SQLAlchemy's: `sqlite:///records.sqlite3`, `sqlite://` (in memory, for trying out),
    `postgresql+psycopg://user@host/name`. A record that `put` has taken survives a power cut.
    With `make=False`, an SQLite file that is missing is an error.

    Raises:
        StorageError: the url is not understood, or the database cannot be reached.

    >>> store = RecordStore("sqlite://")
    >>> store.get("00" * 16, owner="local")
    Traceback (most recent call last):
        ...
    securedata.errors.RecordNotFoundError: no record 00000000000000000000000000000000 of local
    """

    def __init__(self, url: str, *, make: bool = True) -> None:
        self._engine = open_engine(url, make=make)
        self.url = without_password(self._engine.url)
        with _reporting(
            ": check that "
            + (
                "PostgreSQL runs there, and its user, password and name"
                if self._engine.dialect.name == "postgresql"
                else "it is an SQLite database in a folder that you may write to"
            )
            + f": --database, or SECUREDATA_DATABASE, is {self.url}"
        ):
            _make_table(self._engine)
            _check_table(self._engine)

    def put(self, record: SealedRecord, confirm: Callable[[], object] = lambda: None) -> None:
        """Write a record; when this returns, it is on disk.

        `confirm` is called when the row is written and before it is committed, so after all waiting
        for the database. If it raises, nothing is stored.

        Raises:
            DiskFullError, StorageError: it was not written.
        """
        with _reporting(), self._engine.begin() as connection:
            if connection.execute(INSERT, _row(record)).rowcount != 1:  # a trigger can do that
                raise StorageError("the database did not take the record")
            confirm()

    def get(self, record_id: str, owner: str) -> SealedRecord:
        """Find a record by its id.

        Id and owner of the answer are those that were asked for, not those of the row. A damaged
        index may find the wrong row, but its signature fits no other id or owner.

        Raises:
            RecordNotFoundError: this owner has no such record.
            DamagedRecordError: the row no longer has the shape of a record.
            StorageError: the database cannot be reached.
        """
        asked = {"record_id": record_id, "owner": owner}
        return self._one(BY_ID, asked, f"no record {record_id} of {owner}")

    def find(
        self, submission: Submission, owner: str, record_id: str | None = None
    ) -> SealedRecord:
        """Find a record by its nonce. The submitted fields take the place of the stored ones.

        So does the owner, and the record id if one is given.

        Raises:
            RecordNotFoundError, DamagedRecordError, StorageError: as `get` does.
        """
        asked = {name: getattr(submission, name) for name in SUBMITTED_FIELDS}
        asked["owner"] = owner
        if record_id is not None:
            asked["record_id"] = record_id
        return self._one(BY_NONCE, asked, f"no record of {owner} with this nonce")

    def check_ready(self) -> None:
        """Insert no row, as `put` inserts one. A full disk does not show.

        Raises:
            StorageError: the database cannot be reached, or refuses to write.

        >>> RecordStore("sqlite://").check_ready()
        """
        with _reporting(), self._engine.begin() as connection:
            connection.execute(INSERT_NONE)

    def is_empty(self) -> bool:
        """Whether no record was ever stored.

        Raises:
            StorageError: the database cannot be reached.
        """
        return self._first(select(literal(1)).select_from(RECORDS).limit(1)) is None

    def some_key_ids(self) -> set[str]:
        """The key ids that the first rows name: enough to see whether a key file belongs to them.

        Raises:
            StorageError: the database cannot be reached.

        >>> RecordStore("sqlite://").some_key_ids()
        set()
        """
        rows = self._all(select(*_bounded("key_id")).limit(BATCH_ROWS))
        return {str(row["key_id"]) for row in rows}

    def count_by(self, column: Literal["key_id", "signer_id"]) -> dict[str, int]:
        """How many records name each key, or each signer. Goes through every row.

        Raises:
            StorageError: the database cannot be reached.

        >>> RecordStore("sqlite://").count_by("key_id")
        {}
        """
        named = RECORDS.c[column]
        counts = select(named, func.count().label("records"))
        rows = self._all(counts.where(_is_bounded(named)).group_by(named))
        return {str(row[column]): row["records"] for row in rows}

    def wrapped_keys(self, *, not_under: str) -> Iterator[list[WrappedKey]]:
        """The data keys that are wrapped under any key but this, a batch of rows at a time.

        Rows that no longer have the shape of a record are left out. No transaction is open between
        the batches, so others may write.

        Raises:
            StorageError: the database cannot be reached.

        >>> list(RecordStore("sqlite://").wrapped_keys(not_under="0123456789abcdef"))
        []
        """
        columns = _bounded(*KEY_COLUMNS)
        others = select(*columns).where(RECORDS.c.key_id != not_under).order_by(RECORDS.c.record_id)
        last = ""
        while rows := self._all(others.where(RECORDS.c.record_id > last).limit(BATCH_ROWS)):
            yield [key for key in map(_wrapped_key, rows) if key is not None]
            ids = [row["record_id"] for row in rows if _is_id(row["record_id"])]
            if max(ids, default="") <= last:  # a damaged index gives no place to go on from
                return
            last = max(ids)

    def replace_wrapped_keys(self, pairs: Iterable[tuple[WrappedKey, WrappedKey]]) -> int:
        """Put new wrapped keys in place of old ones, each only if the row still has the old one.

        Returns how many were replaced.

        Raises:
            DiskFullError, StorageError: nothing was replaced.
        """
        changes = [
            {
                "id": old.header.record_id,
                "old_key_id": old.key_id,
                "old_wrapped_key": old.wrapped_key,
                "new_key_id": new.key_id,
                "new_wrapped_key": new.wrapped_key,
            }
            for old, new in pairs
        ]
        if not changes:
            return 0
        statement = (
            update(RECORDS)
            .where(RECORDS.c.record_id == bindparam("id"))
            .where(RECORDS.c.key_id == bindparam("old_key_id"))
            .where(RECORDS.c.wrapped_key == bindparam("old_wrapped_key"))
            .values(key_id=bindparam("new_key_id"), wrapped_key=bindparam("new_wrapped_key"))
        )
        with _reporting(), transaction(self._engine) as connection:
            return connection.execute(statement, changes).rowcount

    def count_of(self, owner: str) -> int:
        """How many records an owner has.

        Raises:
            StorageError: the database cannot be reached.

        >>> RecordStore("sqlite://").count_of("local")
        0
        """
        query = select(func.count()).select_from(RECORDS).where(RECORDS.c.owner == owner)
        with _reporting(), self._engine.connect() as connection:
            return connection.execute(query).scalar_one()

    def close(self) -> None:
        """Close every connection. The store opens new ones when it is used again."""
        self._engine.dispose()

    def _one(self, query: Select[Any], asked: dict[str, Any], not_found: str) -> SealedRecord:
        row = self._first(query, asked)
        if row is None:
            raise RecordNotFoundError(not_found)
        try:
            return _sealed_record({**row, **asked})
        except FormatError as error:
            raise DamagedRecordError(f"a stored row is damaged: {error}") from None

    def _all(self, query: Select[Any]) -> Sequence[RowMapping]:
        with _reporting(), self._engine.connect() as connection:
            return connection.execute(query).mappings().all()

    def _first(self, query: Select[Any], asked: dict[str, Any] | None = None) -> RowMapping | None:
        with _reporting(), self._engine.connect() as connection:
            return connection.execute(query, asked).mappings().first()


# A row has a column for every field of the header; a record has one header.


def _row(record: SealedRecord) -> dict[str, object]:
    row = asdict(record)
    return {**row.pop("header"), **row}


def _sealed_record(row: Mapping[str, Any]) -> SealedRecord:
    rest = {name: value for name, value in row.items() if name not in HEADER_COLUMNS}
    return SealedRecord(header=_header(row), **rest)


def _wrapped_key(row: RowMapping) -> WrappedKey | None:
    try:
        return WrappedKey(header=_header(row), key_id=row["key_id"], wrapped_key=row["wrapped_key"])
    except FormatError:
        return None


def _header(row: Mapping[str, Any] | RowMapping) -> Header:
    return Header(**{name: row[name] for name in HEADER_COLUMNS})


def _is_id(record_id: object) -> bool:
    return isinstance(record_id, str) and bool(PATTERNS["record_id"].fullmatch(record_id))


def _make_table(engine: Engine) -> None:
    # Looked up first: where the table exists, a start needs no lock.
    if not inspect(engine).has_table(RECORDS.name):
        with transaction(engine) as connection:
            begin_alone(connection)  # another server may start on the same database
            RECORDS.metadata.create_all(connection)


def _check_table(engine: Engine) -> None:
    found = {column["name"] for column in inspect(engine).get_columns(RECORDS.name)}
    lacking = [column.name for column in RECORDS.columns if column.name not in found]
    if lacking:
        raise StorageError(
            f'this database has a table "{RECORDS.name}" of another kind, without '
            f"{', '.join(lacking)}: name another database"
        )


@contextmanager
def _reporting(next_step: str = "") -> Iterator[None]:
    """Turn the database's own errors into ours; their texts could hold a password."""
    try:
        yield
    except OperationalError as error:
        if is_disk_full(error):
            raise DiskFullError(
                f"the database has no room left: {_reason(error)}: free some room on this disk"
            ) from error
        raise StorageError(f"the database does not answer: {_reason(error)}{next_step}") from error
    except UnicodeDecodeError:  # the same, from PostgreSQL
        raise DamagedRecordError("a stored row is damaged: text that is not UTF-8") from None
    except SQLAlchemyError as error:
        raise StorageError(f"the database refused: {_reason(error)}{next_step}") from error


def _reason(error: SQLAlchemyError) -> str:
    # The first line says what is wrong; those after it may quote values. A writer of the database
    # can choose the words: without control characters, they forge no line of the log.
    words = str(getattr(error, "orig", None) or type(error).__name__).partition("\n")[0]
    return "".join(filter(str.isprintable, words))[:300]
