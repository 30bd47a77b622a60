"""Columns of rows as PGCOPY records, and one binary COPY that stores them.

Records are laid out for all rows of a chunk at once, as strided writes into one buffer: no Python work per row. While
every row has the same width (NULL in every row included) that buffer is a table of equal records; where a column varies
in width, rows are placed by their running offsets. Memory is the chunk's records and a copy of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql
from psycopg.rows import tuple_row

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.catalogue import TableLayout
from pytest_aquadata.load.numeric import Part
from pytest_aquadata.load.wire import TAKES, Place, value_parts, word_bytes
from pytest_aquadata.streams.columns import Column, Kind, Rows

Translate = Callable[[str, NDArray[np.int64]], NDArray[np.int64]]
"""(table, plan numbers, shape (n,)) -> ids in the database, shape (n,). NULLs are not passed on."""

COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TRAILER = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"


@dataclass(slots=True)
class _Fixed:
    """Neighbouring fields whose width is the same in every row: a template, and what to write over it at which
    offset."""

    template: bytes = b""
    writes: list[tuple[int, str, NDArray[Any]]] = field(default_factory=list)

    def append(self, other: _Fixed) -> None:
        self.writes += [(offset + len(self.template), form, values) for offset, form, values in other.writes]
        self.template += other.template

    def records(self, count: int) -> bytearray:
        width = len(self.template)
        buffer = bytearray(self.template) * count
        for offset, form, values in self.writes:
            target: NDArray[Any] = np.ndarray((count,), dtype=form, buffer=buffer, offset=offset, strides=(width,))
            target[:] = values
        return buffer


@dataclass(slots=True)
class _Varying:
    """One field whose width differs from row to row: groups of rows with their records, all of one width within a
    group."""

    groups: list[tuple[NDArray[np.intp], NDArray[np.void]]]

    def sizes(self, count: int) -> NDArray[np.int64]:
        sizes = np.zeros(count, dtype=np.int64)
        for rows, records in self.groups:
            sizes[rows] = records.dtype.itemsize
        return sizes


def encode(rows: Rows, layout: TableLayout, translate: Translate | None = None, *, first_row: int = 1) -> bytes:
    """PGCOPY records of `rows`, with neither header nor trailer, columns in the order of ``rows.columns``.

    translate: turns plan numbers (columns with `refers`) into ids; None when they are the ids.
    first_row: what to call the first row in messages.

    Raises AquadataError, before any byte is made, for a column that the table lacks, needs or computes itself, for a
    kind that its type does not take, and for the first value that it cannot hold exactly.
    """
    _check_columns(rows, layout)
    if rows.count == 0:
        return b""
    segments: list[_Fixed | _Varying] = [_Fixed(len(rows.columns).to_bytes(2, "big"))]
    for name, column in rows.columns.items():
        encoded = _field(column, rows.count, Place(layout.table, layout.columns[name], first_row), translate)
        last = segments[-1]
        if isinstance(encoded, _Fixed) and isinstance(last, _Fixed):
            last.append(encoded)
        else:
            segments.append(encoded)
    if len(segments) == 1 and isinstance(segments[0], _Fixed):
        return bytes(segments[0].records(rows.count))
    return _assemble(segments, rows.count)


def copy_rows(conn: psycopg.Connection[Any], chunks: Iterable[Rows], layout: TableLayout, translate: Translate | None = None) -> int:
    """Store all chunks by one COPY into the table of `layout`, in the connection's transaction. Returns the number of
    rows.

    Every chunk has the columns of the first. Chunks are taken one at a time, each sent before the next is asked for:
    some 100,000 rows are a good size. Errors of the server are psycopg's own; see `encode` for the others. After any
    error the transaction is to be rolled back.
    """
    remaining = iter(chunks)
    first = next(remaining, None)
    if first is None:
        return 0
    names = list(first.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(layout.identifier, sql.SQL(", ").join(map(sql.Identifier, names)))
    ours: BaseException | None = None
    try:
        with _utf8(conn), conn.cursor() as cursor, cursor.copy(statement) as copy:
            try:
                copy.write(COPY_HEADER)
                copy.write(encode(first, layout, translate))
                count = first.count
                for rows in remaining:
                    if rows.columns.keys() != first.columns.keys():
                        raise ValueError(f"{rows.table}: one COPY has one set of columns, but a later chunk has others")
                    ordered = Rows(rows.table, rows.count, {name: rows.columns[name] for name in names})
                    copy.write(encode(ordered, layout, translate, first_row=count + 1))
                    count += rows.count
                copy.write(COPY_TRAILER)
            except BaseException as error:
                ours = error
                raise
    except psycopg.errors.QueryCanceled:
        # psycopg 3.1.9 raises the server's answer to our giving up in place of why we gave up
        if ours is None:
            raise
        raise ours from None
    return count


@contextmanager
def _utf8(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """Have the server take texts as UTF-8. COPY's own ENCODING option says nothing about binary fields."""
    if conn.info.encoding == "utf-8":
        yield
        return
    with conn.cursor(row_factory=tuple_row) as cursor:
        before = cursor.execute("SELECT pg_catalog.current_setting('client_encoding')").fetchone()
        cursor.execute("SELECT pg_catalog.set_config('client_encoding', 'UTF8', false)")
    yield
    # After an error the rollback of the caller's transaction brings the old setting back.
    conn.execute("SELECT pg_catalog.set_config('client_encoding', %s, false)", before)


def _check_columns(rows: Rows, layout: TableLayout) -> None:
    """Refuse columns that the table lacks, computes or takes otherwise, and tables that need more than is given."""
    if rows.table.rpartition(".")[2] != layout.table:
        raise ValueError(f"rows of {rows.table} meet the layout of {layout.table}")
    for name, column in rows.columns.items():
        target = layout.columns.get(name)
        where = f"{layout.table}.{name}"
        if target is None:
            raise AquadataError(f"{where}: the table has no such column. It has: {', '.join(layout.columns)}.")
        if target.generated:
            raise AquadataError(f"{where} is computed by the server and cannot be given a value.")
        takes = TAKES.get(target.type)
        if takes is None:
            raise AquadataError(f"{where} is {target.type_name}, a type that cannot be loaded.")
        if column.kind is not Kind.NULL and column.kind not in takes:
            raise AquadataError(f"{where} is {target.type_name}: it takes {' or '.join(takes)}, not {column.kind}.")
    for name, target in layout.columns.items():
        if target.required and name not in rows.columns:
            raise AquadataError(f"{layout.table}.{name} is NOT NULL, has no default and is given no value.")


def _field(column: Column, count: int, place: Place, translate: Translate | None) -> _Fixed | _Varying:
    """One column as fields of the records, each with its length in front."""
    null = column.null
    if null is not None and not null.any():
        null = None
    everywhere = column.kind is Kind.NULL or (null is not None and bool(null.all()))
    if place.layout.not_null and (everywhere or null is not None):
        row = place.first + (0 if everywhere or null is None else int(null.argmax()))
        raise AquadataError(f"{place.table}.{place.layout.name}, row {row}: NULL, but the column is NOT NULL.")
    if everywhere:
        return _Fixed(_NULL)
    present = None if null is None else np.flatnonzero(~null)
    values = column.values.reshape(-1)  # a scalar stands for all rows: one value of it is enough
    if present is not None:
        place = Place(place.table, place.layout, place.first, present)
        if column.values.ndim:
            values = values[present]
    if column.refers is not None and translate is not None:
        values = _translated(translate, column.refers, values)
    if column.kind in (Kind.TEXT, Kind.JSON):
        data = word_bytes(values, column, place)
        widths = {len(data[at]) for at in np.unique(values).tolist()}
        if len(widths) > 1:
            return _words(values, data, count, present)
        (width,) = widths
        parts = [(f"V{width}", _table(data, width)[values])] if width else []
    else:
        parts = value_parts(values, column, place)
    fixed = _length_and(parts)
    if present is None:
        return fixed
    records = np.frombuffer(fixed.records(len(present)), dtype=f"V{len(fixed.template)}")
    return _Varying([(present, records), _nulls(count, present)])


def _translated(translate: Translate, table: str, values: NDArray[np.int64]) -> NDArray[np.int64]:
    ids = np.asarray(translate(table, values))
    if ids.shape != values.shape or ids.dtype.kind != "i":
        raise ValueError(f"translate gave {ids.dtype} of shape {ids.shape} for {len(values)} numbers of {table}")
    return ids.astype(np.int64, copy=False)


def _length_and(parts: list[Part]) -> _Fixed:
    """Fields of one width: their length word, then `parts`. Parts of one value go into the template."""
    fixed = _Fixed(sum(np.dtype(form).itemsize for form, _ in parts).to_bytes(4, "big"))
    for form, values in parts:
        if len(values) == 1:
            fixed.append(_Fixed(values.astype(form).tobytes()))
        else:
            fixed.append(_Fixed(bytes(np.dtype(form).itemsize), [(0, form, values)]))
    return fixed


def _words(index: NDArray[np.int64], data: list[bytes], count: int, present: NDArray[np.intp] | None) -> _Varying:
    """Texts of several widths: for each width the rows that have it."""
    rows = np.arange(count) if present is None else present
    widths = np.array([len(word) for word in data])
    groups = []
    for width in np.unique(widths[index]).tolist():
        # Words of another width get an empty record here, which no row of this group points to.
        fields = [len(word).to_bytes(4, "big") + word if len(word) == width else b"" for word in data]
        chosen = widths[index] == width
        groups.append((rows[chosen], _table(fields, width + 4)[index[chosen]]))
    if present is not None:
        groups.append(_nulls(count, present))
    return _Varying(groups)


def _table(words: list[bytes], width: int) -> NDArray[np.void]:
    """The words as records of `width` bytes; a word of another width, which no row uses, becomes zeros."""
    return np.frombuffer(b"".join(word if len(word) == width else bytes(width) for word in words), dtype=np.dtype(f"V{width}"))


def _nulls(count: int, present: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.void]]:
    absent = np.ones(count, dtype=np.bool_)
    absent[present] = False
    return np.flatnonzero(absent), np.frombuffer(_NULL, dtype=np.dtype("V4"))


def _assemble(segments: list[_Fixed | _Varying], count: int) -> bytes:
    """Records whose widths differ: each segment is put where the running offset of its row stands."""
    sizes = [s.sizes(count) if isinstance(s, _Varying) else np.int64(len(s.template)) for s in segments]
    widths = np.zeros(count, dtype=np.int64)
    for size in sizes:
        widths += size
    ends = widths.cumsum()
    at = ends - widths
    out = np.empty(int(ends[-1]), dtype=np.uint8)
    for segment, size in zip(segments, sizes, strict=True):
        if isinstance(segment, _Fixed):
            records = np.frombuffer(segment.records(count), dtype=f"V{len(segment.template)}")
            _put(out, at, records)
        else:
            for rows, group in segment.groups:
                _put(out, at[rows], group)
        at += size
    return out.tobytes()


def _put(out: NDArray[np.uint8], at: NDArray[np.int64], records: NDArray[Any]) -> None:
    """Copy record i to byte ``at[i]`` of `out`. The places do not overlap."""
    width = records.dtype.itemsize
    # One record beginning at every byte: assigning to chosen ones of these is a memcpy per row.
    anywhere: NDArray[Any] = np.ndarray((len(out) - width + 1,), dtype=records.dtype, buffer=out, strides=(1,))
    anywhere[at] = records
