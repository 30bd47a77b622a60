"""What the encoder writes is what PostgreSQL reads back, over the whole range of every type."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_aquadata.load.catalogue import TableLayout, read_layout
from pytest_aquadata.load.copybinary import COPY_HEADER, COPY_TRAILER, copy_rows, encode
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.columns import Column, Rows

FIRST_DAY, LAST_DAY = (date.min - date(1970, 1, 1)).days, (date.max - date(1970, 1, 1)).days
DAY = 86_400_000_000
WIDE = Context(prec=60)
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)

Make = Callable[[Any, Any], Column]
Draw = st.DataObject


def exact(units: int, scale: int) -> Decimal:
    return Decimal(units).scaleb(-scale, WIDE)


def stamp(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def day(days: int) -> date:
    return date(1970, 1, 1) + timedelta(days=days)


def clock(microseconds: int) -> time:
    return (datetime(1970, 1, 1) + timedelta(microseconds=microseconds)).time()


def whole(low: int, high: int) -> st.SearchStrategy[int]:
    """Integers of the range, its bounds and neighbourhoods of zero and of powers of ten preferred."""
    edges = [low, high, 0, -1, 1, 9_999, 10_000, -10_000, 99_999_999, 100_000_000, 2**32 - 1, 2**32]
    return st.sampled_from([edge for edge in edges if low <= edge <= high]) | st.integers(low, high)


def plain(sql_type: str, make: Make, values: st.SearchStrategy[Any], expect: Callable[[Any], Any]) -> Any:
    return pytest.param(sql_type, make, values, expect, id=sql_type)


def number(sql_type: str, scale: int, most: int, declared: int | None = None) -> Any:
    shown = scale if declared is None else declared
    return pytest.param(
        sql_type,
        lambda values, null: columns.fixed(values, scale, null),
        whole(max(-most, -(2**63)), min(most, 2**63 - 1)),
        lambda units: exact(units, scale).quantize(exact(1, shown), context=WIDE),
        id=f"{sql_type} from {scale} decimals",
    )


def words(values: Any, null: Any, make: Callable[..., Column] = columns.texts) -> Column:
    listed = [values] if isinstance(values, str) else values
    distinct = sorted(set(listed))
    index = np.array([distinct.index(word) for word in listed])
    return make([*distinct, "unused word \0"], index[0] if isinstance(values, str) else index, null)


TYPES = [
    plain("smallint", columns.ints, whole(-(2**15), 2**15 - 1), int),
    plain("integer", columns.ints, whole(-(2**31), 2**31 - 1), int),
    plain("bigint", columns.ints, whole(-(2**63), 2**63 - 1), int),
    number("numeric(10,4)", 4, 10**10 - 1),
    number("numeric(14,2)", 2, 10**14 - 1),
    number("numeric(6,4)", 4, 10**6 - 1),
    number("numeric(5,3)", 3, 10**5 - 1),
    number("numeric(18,0)", 0, 10**18 - 1),
    number("numeric(9,6)", 6, 10**9 - 1),
    number("numeric(18,18)", 18, 10**18 - 1),
    number("numeric(25,17)", 17, 2**63),
    number("numeric(30,4)", 0, 2**63, declared=4),
    number("numeric(10,3)", 1, 10**8 - 1, declared=3),
    number("numeric", 5, 2**63),
    number("numeric", 21, 2**63),
    plain("numeric(7,2)", columns.ints, whole(-99_999, 99_999), lambda value: Decimal(value).quantize(Decimal("0.01"))),
    plain("double precision", columns.floats, st.floats(allow_nan=False), float),
    plain("real", columns.floats, st.floats(width=32, allow_nan=False), float),
    plain("boolean", columns.bools, st.booleans(), bool),
    plain("date", columns.dates, whole(FIRST_DAY, LAST_DAY), day),
    plain("time", columns.times, whole(0, DAY - 1), clock),
    plain("timestamptz", columns.stamps, whole(FIRST_DAY * DAY, (LAST_DAY + 1) * DAY - 1), stamp),
    plain(
        "timestamp",
        columns.stamps,
        whole(FIRST_DAY * DAY, (LAST_DAY + 1) * DAY - 1),
        lambda value: stamp(value).replace(tzinfo=None),
    ),
    plain("text", words, WORDS, str),
    plain("varchar(7)", words, WORDS.map(lambda word: word[:7]), str),
    plain("char(7)", words, WORDS.map(lambda word: word[:7]), lambda word: word.ljust(7)),
    plain("uuid", words, st.uuids().map(str), uuid.UUID),
    plain(
        "jsonb",
        lambda values, null: words(values, null, columns.jsons),
        DOCUMENTS.map(lambda document: json.dumps(document, ensure_ascii=False)),
        json.loads,
    ),
    plain("json", lambda values, null: words(values, null, columns.jsons), DOCUMENTS.map(json.dumps), json.loads),
]


@pytest.fixture(scope="module")
def conn(server_url: str) -> Iterator[psycopg.Connection[Any]]:
    """One session for all examples: its tables are temporary and every example is rolled back."""
    with psycopg.connect(server_url, options="-c timezone=UTC") as conn:
        yield conn
        conn.rollback()


def layout_of(conn: psycopg.Connection[Any], declarations: str) -> TableLayout:
    conn.rollback()
    conn.execute(f"CREATE TEMP TABLE example ({declarations})".encode())
    return read_layout(conn, "example")


@pytest.mark.parametrize(("sql_type", "make", "values", "expect"), TYPES)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_column_comes_back_as_it_was(
    conn: psycopg.Connection[Any],
    sql_type: str,
    make: Make,
    values: st.SearchStrategy[Any],
    expect: Callable[[Any], Any],
    data: Draw,
) -> None:
    count = data.draw(st.integers(1, 12), label="rows")
    scalar = data.draw(st.booleans(), label="scalar")
    given_values = data.draw(values if scalar else st.lists(values, min_size=count, max_size=count), label="values")
    null = data.draw(st.none() | st.lists(st.booleans(), min_size=count, max_size=count), label="null")
    column = make(given_values, None if null is None else np.array(null, dtype=np.bool_))
    layout = layout_of(conn, f"n int, a {sql_type}, b text")
    rows = Rows("example", count, {"n": columns.ints(np.arange(count)), "a": column, "b": columns.text("after")})

    assert copy_rows(conn, [rows], layout) == count

    each = [given_values] * count if scalar else given_values
    expected = [None if null and null[i] else expect(value) for i, value in enumerate(each)]
    found = conn.execute("SELECT a, b FROM example ORDER BY n", binary=True).fetchall()
    assert found == [(value, "after") for value in expected]
    if sql_type.startswith("numeric"):  # equal decimals may still differ in the zeros that they show
        assert [str(value) for value, _ in found] == [str(value) for value in expected]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_columns_that_vary_stand_side_by_side(conn: psycopg.Connection[Any], data: Draw) -> None:
    """Any mixture of fixed, nullable and text columns, in any order, over several chunks."""
    chosen = data.draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=6))
    layout = layout_of(conn, ", ".join(["n int", *(f"c{i} {p.values[0]}" for i, p in enumerate(chosen))]))
    chunks, expected = [], []
    for _ in range(data.draw(st.integers(1, 3))):
        count = data.draw(st.integers(0, 6))
        made = {"n": columns.ints(np.arange(len(expected), len(expected) + count))}
        shown: list[list[Any]] = []
        for i, param in enumerate(chosen):
            _, make, values, expect = param.values
            drawn = data.draw(st.lists(values, min_size=max(count, 1), max_size=max(count, 1)))
            null = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
            column = make(drawn, None)
            column = replace(column, values=column.values[:count], null=np.array(null, dtype=np.bool_))
            made[f"c{i}"] = column
            shown.append([None if null[row] else expect(drawn[row]) for row in range(count)])
        chunks.append(Rows("example", count, made))
        expected += list(zip(*shown, strict=True))
    assert copy_rows(conn, chunks, layout) == len(expected)
    names = ", ".join(f"c{i}" for i in range(len(chosen)))
    query = f"SELECT {names} FROM example ORDER BY n".encode()
    # Read in binary form: the text of a real has fewer digits than the double that it was made from.
    assert conn.execute(query, binary=True).fetchall() == expected


def test_special_floats(conn: psycopg.Connection[Any]) -> None:
    layout = layout_of(conn, "a double precision, b real")
    values = [float("nan"), float("inf"), -float("inf"), -0.0]
    rows = Rows("example", 4, {"a": columns.floats(values), "b": columns.floats(values)})
    copy_rows(conn, [rows], layout)
    assert repr(conn.execute("SELECT * FROM example").fetchall()) == repr([(value, value) for value in values])


def test_decimals_into_a_double_are_the_nearest_one(conn: psycopg.Connection[Any]) -> None:
    layout = layout_of(conn, "n int, a double precision")
    units = np.array([1, -1, 3, 123_456_789_012, 2**53, 0])
    rows = Rows("example", len(units), {"n": columns.ints(np.arange(len(units))), "a": columns.fixed(units, 6)})
    copy_rows(conn, [rows], layout)
    found = [value for (value,) in conn.execute("SELECT a FROM example ORDER BY n")]
    assert found == [float(exact(int(value), 6)) for value in units]


def test_a_date_into_a_timestamp_is_its_midnight(conn: psycopg.Connection[Any]) -> None:
    layout = layout_of(conn, "a timestamp")
    copy_rows(conn, [Rows("example", 1, {"a": columns.dates([19_000])})], layout)
    assert conn.execute("SELECT a FROM example").fetchall() == [(datetime(2022, 1, 8),)]


def test_zeros_may_be_dropped_but_digits_may_not(conn: psycopg.Connection[Any]) -> None:
    layout = layout_of(conn, "n int, a numeric(6,2), b numeric(6,-2)")
    rows = Rows(
        "example",
        2,
        {
            "n": columns.ints([0, 1]),
            "a": columns.fixed([-12_500, 999_999_00], 4),
            "b": columns.fixed([1_200_00, -300_00], 2),
        },
    )
    copy_rows(conn, [rows], layout)
    found = conn.execute("SELECT a, b FROM example ORDER BY n").fetchall()
    assert found == [(Decimal("-1.25"), Decimal(1200)), (Decimal("9999.99"), Decimal(-300))]


def test_numbers_are_translated_and_nulls_are_not(conn: psycopg.Connection[Any]) -> None:
    asked: list[tuple[str, list[int]]] = []

    def translate(table: str, numbers: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
        asked.append((table, numbers.tolist()))
        return numbers + 1_000

    layout = layout_of(conn, "id bigint, other int, batch int")
    null = np.array([False, True, False])
    rows = Rows(
        "example",
        3,
        {
            "id": columns.numbers("example", [1, 2, 3]),
            "other": columns.numbers("batch_batch", [7, -5, 9], null),
            "batch": columns.numbers("batch_batch", 4),
        },
    )
    copy_rows(conn, [rows], layout, translate)
    assert conn.execute("SELECT * FROM example ORDER BY id").fetchall() == [
        (1001, 1007, 1004),
        (1002, None, 1004),
        (1003, 1009, 1004),
    ]
    assert asked == [("example", [1, 2, 3]), ("batch_batch", [7, 9]), ("batch_batch", [4])]


def test_left_out_columns_take_their_defaults(conn: psycopg.Connection[Any]) -> None:
    layout = layout_of(
        conn,
        "id int GENERATED ALWAYS AS IDENTITY, a int NOT NULL DEFAULT 5, b int, double int GENERATED ALWAYS AS (b * 2) STORED",
    )
    copy_rows(conn, [Rows("example", 1, {"b": columns.ints(3)})], layout)
    copy_rows(conn, [Rows("example", 1, {"b": columns.ints([4]), "id": columns.ints(70)})], layout)
    assert conn.execute("SELECT * FROM example ORDER BY b").fetchall() == [(1, 5, 3, 6), (70, 5, 4, 8)]


def test_a_column_set_to_null_everywhere_keeps_one_width(conn: psycopg.Connection[Any]) -> None:
    layout = layout_of(conn, "a int, b text")
    everywhere = columns.ints([1, 2], np.array([True, True]))
    one = encode(Rows("example", 2, {"a": everywhere, "b": columns.nulls()}), layout)
    assert one == (b"\x00\x02" + b"\xff" * 8) * 2


def test_no_chunks_is_no_copy(conn: psycopg.Connection[Any]) -> None:
    layout = layout_of(conn, "a int NOT NULL")
    assert copy_rows(conn, [], layout) == 0
    empty = Rows("example", 0, {"a": columns.ints([])})
    assert encode(empty, layout) == b""
    assert copy_rows(conn, [empty, empty], layout) == 0


def test_chunks_of_one_copy_have_the_same_columns_in_any_order(conn: psycopg.Connection[Any]) -> None:
    layout = layout_of(conn, "a int, b int")
    one = Rows("example", 1, {"a": columns.ints(1), "b": columns.ints(2)})
    other = Rows("example", 1, {"b": columns.ints(4), "a": columns.ints(3)})
    assert copy_rows(conn, [one, other], layout) == 2
    assert conn.execute("SELECT a, b FROM example ORDER BY a").fetchall() == [(1, 2), (3, 4)]
    with pytest.raises(ValueError, match="one COPY has one set of columns"):
        copy_rows(conn, [one, Rows("example", 1, {"a": columns.ints(1)})], layout)


def test_texts_are_utf8_whatever_the_session_speaks(conn: psycopg.Connection[Any]) -> None:
    layout = layout_of(conn, "a text")
    conn.execute("SET client_encoding TO 'LATIN1'")
    copy_rows(conn, [Rows("example", 1, {"a": columns.text("Føroyar, Œuvre")})], layout)
    assert conn.info.encoding == "iso8859-1"
    conn.execute("SET client_encoding TO 'UTF8'")
    assert conn.execute("SELECT a FROM example").fetchall() == [("Føroyar, Œuvre",)]


def test_header_and_trailer_make_a_file_of_records(conn: psycopg.Connection[Any]) -> None:
    layout = layout_of(conn, "a int, b text")
    records = encode(Rows("example", 2, {"a": columns.ints([1, 2]), "b": columns.texts(["x", "yz"], [1, 0])}), layout)
    with conn.cursor() as cursor, cursor.copy("COPY example FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(COPY_HEADER + records + COPY_TRAILER)
    with conn.cursor() as cursor, cursor.copy("COPY example TO STDOUT (FORMAT BINARY)") as copy:
        assert b"".join(copy) == COPY_HEADER + records + COPY_TRAILER
