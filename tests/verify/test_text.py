"""SQL as text: values written out are the values that were meant."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_aquadata.verify import text

_texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
_rows = st.lists(
    st.tuples(
        st.none() | _texts,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31)),
        st.none() | st.decimals(-1000, 1000, allow_nan=False, places=3),
        st.none() | st.booleans(),
    ),
    max_size=6,
)
_COLUMNS = {"a": "text", "b": "bigint", "c": "date", "d": "numeric", "e": "boolean"}


@pytest.fixture(scope="module")
def conn(server_url: str):
    with psycopg.connect(server_url) as connection:
        yield connection


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_rows)
def test_tables_hold_their_rows(conn: psycopg.Connection, rows: list[tuple[object, ...]]) -> None:
    statement = text.query(text.table("t", _COLUMNS, rows), "SELECT * FROM t")
    assert conn.execute(statement.encode()).fetchall() == rows


def test_query_without_tables() -> None:
    assert text.query("\n    SELECT 1\n") == "SELECT 1"


def test_query_reads_well() -> None:
    statement = text.query("a AS (SELECT 1)", "\n    b AS (\n      SELECT 2\n    )", "\n    SELECT *\n    FROM a, b\n")
    assert statement == "WITH a AS (SELECT 1),\nb AS (\n  SELECT 2\n)\nSELECT *\nFROM a, b"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "NULL"), (True, "true"), (7, "7"), (Decimal("1.50"), "1.50"), (date(2025, 1, 2), "'2025-01-02'::date"), ("it's", "'it''s'")],
)
def test_literals(value: object, shown: str) -> None:
    assert text.literal(value) == shown
