"""What a column could not hold exactly is refused before a byte is sent, in one message that says where and why."""

from __future__ import annotations

import re

import numpy as np
import pytest

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.catalogue import ColumnLayout, TableLayout
from pytest_aquadata.load.copybinary import encode
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.columns import Column, Rows


def layout(type_: str, type_name: str | None = None, **more: object) -> TableLayout:
    return TableLayout("public", "t", {"a": ColumnLayout("a", type_, type_name or type_, **more)})  # type: ignore[arg-type]


def numeric(precision: int, scale: int) -> TableLayout:
    return layout("numeric", f"numeric({precision},{scale})", precision=precision, scale=scale)


def refusal(column: Column, table: TableLayout, count: int = 3, first_row: int = 1) -> str:
    with pytest.raises(AquadataError) as caught:
        encode(Rows("t", count, {"a": column}), table, first_row=first_row)
    return str(caught.value)


@pytest.mark.parametrize(
    ("column", "table", "message"),
    [
        (
            columns.ints([1, 40_000, -40_000]),
            layout("int2", "smallint"),
            "t.a, row 2: 40000 does not fit smallint: from -32768 to 32767.",
        ),
        (
            columns.ints(2**31),
            layout("int4", "integer"),
            "t.a, row 1: 2147483648 does not fit integer: from -2147483648 to 2147483647.",
        ),
        (
            columns.fixed([0, 1, 10**10], 4),
            numeric(10, 4),
            "t.a, row 3: 1000000.0000 does not fit numeric(10,4): from -999999.9999 to 999999.9999.",
        ),
        (
            columns.fixed([0, -(2**63), 10**10], 4),
            numeric(10, 4),
            "t.a, row 2: -922337203685477.5808 does not fit numeric(10,4): from -999999.9999 to 999999.9999.",
        ),
        (
            columns.fixed([1230, 1234, 1235], 3),
            numeric(5, 2),
            "t.a, row 2: 1.234 does not fit numeric(5,2): at most 2 decimals.",
        ),
        (
            columns.fixed([0, 0, 5], 30),
            numeric(5, 2),
            f"t.a, row 3: 0.{5:030d} does not fit numeric(5,2): at most 2 decimals.",
        ),
        (
            columns.ints([100, 150, 0]),
            numeric(5, -2),
            "t.a, row 2: 150 does not fit numeric(5,-2): whole multiples of 100.",
        ),
        (columns.ints([0, 10, 0]), numeric(3, 2), "t.a, row 2: 10 does not fit numeric(3,2): from -9 to 9."),
        (columns.ints([0, 1, 0]), numeric(2, 2), "t.a, row 2: 1 does not fit numeric(2,2): from 0 to 0."),
        (
            columns.floats([0.5, 0.1, 0.0]),
            layout("float4", "real"),
            "t.a, row 2: 0.1 does not fit real: not a number that 4 bytes hold exactly.",
        ),
        (
            columns.ints([0, 2**53 + 1, 0]),
            layout("float8", "double precision"),
            "t.a, row 2: 9007199254740993 does not fit double precision: from -9007199254740992 to 9007199254740992.",
        ),
        (
            columns.fixed([0, 2**53 + 1, 0], 2),
            layout("float8", "double precision"),
            "t.a, row 2: 90071992547409.93 does not fit double precision: " + "more digits than a double can tell apart.",
        ),
        (
            columns.dates([0, 2_932_897, 0]),
            layout("date"),
            "t.a, row 2: 10000-01-01 does not fit date: from 0001-01-01 to 9999-12-31.",
        ),
        (
            columns.times([0, -1, 86_400_000_000]),
            layout("time"),
            "t.a, row 2: -1:59:59.999999 does not fit time: from 00:00:00 to 23:59:59.999999.",
        ),
        (
            columns.stamps([0, 1_500_000, 0]),
            layout("timestamptz", "timestamp(0) with time zone", precision=0),
            "t.a, row 2: 1970-01-01T00:00:01.500000 UTC does not fit timestamp(0) with time zone: " + "at most 0 decimals of a second.",
        ),
        (
            columns.texts(["unused and too long", "ok", "four"], [1, 1, 2]),
            layout("varchar", "character varying(3)", length=3),
            "t.a, row 3: 'four' does not fit character varying(3): 4 characters, at most 3.",
        ),
        (
            columns.texts(["second", "ok", "first!"], [1, 2, 0]),
            layout("varchar", "character varying(3)", length=3),
            "t.a, row 2: 'first!' does not fit character varying(3): 6 characters, at most 3.",
        ),
        (
            columns.text("a\0b"),
            layout("text"),
            "t.a, row 1: 'a\\x00b' does not fit text: PostgreSQL stores no NUL character.",
        ),
        (
            columns.text("\ud800"),
            layout("text"),
            "t.a, row 1: '\\ud800' does not fit text: a character that is not Unicode text.",
        ),
        (columns.text("nobody"), layout("uuid"), "t.a, row 1: 'nobody' does not fit uuid: not a UUID."),
        (
            columns.ints([1, 2, 3], np.array([False, False, True])),
            layout("int4", "integer", not_null=True),
            "t.a, row 3: NULL, but the column is NOT NULL.",
        ),
        (
            columns.nulls(),
            layout("int4", "integer", not_null=True),
            "t.a, row 1: NULL, but the column is NOT NULL.",
        ),
        (columns.text("1"), layout("int4", "integer"), "t.a is integer: it takes int, not text."),
        (columns.floats(1.5), numeric(5, 2), "t.a is numeric(5,2): it takes fixed or int, not float."),
        (columns.fixed(1, 0), layout("int8", "bigint"), "t.a is bigint: it takes int, not fixed."),
        (
            columns.dates(1),
            layout("timestamptz", "timestamp with time zone"),
            "t.a is timestamp with time zone: it takes stamp, not date.",
        ),
        (columns.text("{}"), layout("jsonb"), "t.a is jsonb: it takes json, not text."),
        (columns.ints(1), layout("", "colour"), "t.a is colour, a type that cannot be loaded."),
        (
            columns.ints(1),
            layout("int4", "integer", generated=True),
            "t.a is computed by the server and cannot be given a value.",
        ),
    ],
)
def test_a_value_that_does_not_fit(column: Column, table: TableLayout, message: str) -> None:
    assert refusal(column, table) == message


def test_the_row_is_counted_past_nulls_and_earlier_chunks() -> None:
    null = np.array([True, False, True, False])
    column = columns.ints([99_999, 1, 99_999, 40_000], null)
    assert refusal(column, layout("int2", "smallint"), 4, first_row=101).startswith("t.a, row 104: 40000 ")


def test_what_is_under_null_does_not_matter() -> None:
    column = columns.ints([99_999, 1], np.array([True, False]))
    record = b"\x00\x01\x00\x00\x00\x02\x00\x01"
    assert encode(Rows("t", 2, {"a": column}), layout("int2")) == b"\x00\x01" + b"\xff" * 4 + record


def test_a_long_text_is_shown_by_its_beginning() -> None:
    message = refusal(columns.text("x" * 500), layout("varchar", "character varying(3)", length=3))
    assert message == f"t.a, row 1: '{'x' * 59}…' does not fit character varying(3): 500 characters, at most 3."


def test_unknown_and_missing_columns() -> None:
    table = layout("int4")
    with pytest.raises(AquadataError, match=re.escape("t.b: the table has no such column. It has: a.")):
        encode(Rows("t", 1, {"b": columns.ints(1)}), table)
    needs = layout("int4", not_null=True)
    with pytest.raises(AquadataError, match=re.escape("t.a is NOT NULL, has no default and is given no value.")):
        encode(Rows("t", 1, {}), needs)
    for supplied in ("has_default", "identity"):
        assert encode(Rows("t", 1, {}), layout("int4", not_null=True, **{supplied: True})) == b"\0\0"


def test_defects_of_a_stream_are_no_messages_for_the_user() -> None:
    with pytest.raises(ValueError, match="points outside its 1 words"):
        encode(Rows("t", 1, {"a": columns.texts(["x"], [-1])}), layout("text"))
    with pytest.raises(ValueError, match="rows of other meet the layout of t"):
        encode(Rows("other", 1, {"a": columns.ints(1)}), layout("int4"))
    with pytest.raises(ValueError, match=re.escape("translate gave int64 of shape (1,) for 2 numbers of b")):
        encode(Rows("t", 2, {"a": columns.numbers("b", [1, 2])}), layout("int4"), lambda _, values: values[:1])


def test_ids_are_checked_after_translation() -> None:
    with pytest.raises(AquadataError, match="row 2: 32768 does not fit"):
        encode(Rows("t", 2, {"a": columns.numbers("b", [1, 2])}), layout("int2"), lambda _, numbers: numbers + 32_766)
