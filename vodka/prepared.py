"""Statements that are asked all the time: compiled once, then run straight on the driver, in the same transaction.

SQLAlchemy writes the SQL and converts the values, as everywhere; what is left out is its work on each execution, which costs
several times as much as the database's own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, Executable, LargeBinary
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from vodka.db import connection

Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class _Compiled:
    """One statement in the words of one driver. `order`: the names of its parameters, None where it takes them by name."""

    sql: str
    order: tuple[str, ...] | None
    into: dict[str, Convert]
    fixed: dict[str, Any]
    row: Callable[[Iterable[Any]], Any]
    out: tuple[tuple[int, Convert], ...]

    def arguments(self, values: Mapping[str, Any]) -> Any:
        """The values as this driver takes them."""
        given = {**self.fixed, **values}
        for name, convert in self.into.items():
            given[name] = convert(given[name])
        return given if self.order is None else [given[name] for name in self.order]

    def read(self, raw: Any) -> Any:
        """One row as it came, converted and named."""
        values = list(raw)
        for place, convert in self.out:
            values[place] = convert(values[place])
        return self.row(values)


class Prepared:
    """A statement with all of its values as `bindparam`, or an INSERT of the named columns.

    Its rows are tuples with names. Raises SQLAlchemy's DBAPIError and its kinds, as `execute` does.
    """

    def __init__(self, statement: Executable, columns: Collection[str] | None = None) -> None:
        self._statement = statement
        self._columns = list(columns) if columns is not None else None
        self._compiled: dict[str, _Compiled] = {}

    def run(self, values: Mapping[str, Any]) -> int:
        """Run it; how many rows it touched."""
        cursor, _ = self._execute(values)
        return int(cursor.rowcount)

    def run_many(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each of these, in one go."""
        cursor, compiled, dialect = self._prepare()
        try:
            cursor.executemany(compiled.sql, [compiled.arguments(values) for values in rows])
        except dialect.loaded_dbapi.Error as error:
            raise _told(error, compiled, dialect) from error

    def all(self, values: Mapping[str, Any]) -> list[Any]:
        """Its rows."""
        cursor, compiled = self._execute(values)
        return [compiled.read(raw) for raw in cursor.fetchall()]

    def one_or_none(self, values: Mapping[str, Any]) -> Any | None:
        """Its only row, or None. All rows are fetched, so that the statement is over when this returns."""
        rows = self.all(values)
        assert len(rows) <= 1, "one row was expected"
        return rows[0] if rows else None

    def scalar(self, values: Mapping[str, Any]) -> Any | None:
        """The first column of its only row, or None."""
        row = self.one_or_none(values)
        return row[0] if row is not None else None

    def _execute(self, values: Mapping[str, Any]) -> tuple[Any, _Compiled]:
        cursor, compiled, dialect = self._prepare()
        try:
            cursor.execute(compiled.sql, compiled.arguments(values))
        except dialect.loaded_dbapi.Error as error:
            raise _told(error, compiled, dialect) from error
        return cursor, compiled

    def _prepare(self) -> tuple[Any, _Compiled, Dialect]:
        taken = connection()
        dialect = taken.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._statement, self._columns, dialect)
        return taken.connection.cursor(), compiled, dialect


def _told(error: Any, compiled: _Compiled, dialect: Dialect) -> BaseException:
    """The driver's error as SQLAlchemy would tell it, without the values, which may be somebody's address."""
    told: BaseException = DBAPIError.instance(compiled.sql, None, error, dialect.loaded_dbapi.Error, dialect=dialect)
    return told


def _compile(statement: Executable, columns: list[str] | None, dialect: Dialect) -> _Compiled:
    assert isinstance(statement, ClauseElement)
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    assert isinstance(compiled, SQLCompiler)
    into = {name: _binding(bound.type, dialect) for bound, name in compiled.bind_names.items()}
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    shown = list(compiled._result_columns)
    out = {place: _reading(entry.type, dialect) for place, entry in enumerate(shown)}
    return _Compiled(
        sql=compiled.string,
        order=tuple(compiled.positiontup) if compiled.positional and compiled.positiontup is not None else None,
        into={name: convert for name, convert in into.items() if convert is not None},
        fixed=fixed,
        row=_shape([entry.keyname for entry in shown]),
        out=tuple((place, convert) for place, convert in out.items() if convert is not None),
    )


def _shape(names: list[str]) -> Callable[[Iterable[Any]], Any]:
    """A tuple whose items also have these names."""
    return type("Row", (tuple,), {name: property(itemgetter(place)) for place, name in enumerate(names)})


def _binding(kind: Any, dialect: Dialect) -> Convert | None:
    if isinstance(kind, LargeBinary):
        return None  # both drivers take bytes as bytes, and give them back
    convert: Convert | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return convert


def _reading(kind: Any, dialect: Dialect) -> Convert | None:
    if isinstance(kind, LargeBinary):
        return None
    convert: Convert | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return convert
