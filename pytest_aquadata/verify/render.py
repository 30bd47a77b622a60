"""A verdict as text: what was expected and found, the first rows as a table, the query, and how to build the batch again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from textwrap import indent

from pytest_aquadata.verify.base import Verdict

_WIDEST = 48
_INDENT = "    "


def render(verdict: Verdict, *, criterion: str, where: str, rebuild: str | None) -> str:
    """The text of a verdict.

    where: file and line of the declaration. rebuild: the command that builds the (first) batch concerned again, None when there is none.
    """
    lines = [f"{where}: {criterion}: {verdict.state}", f"  expected  {verdict.expected}", f"  found     {verdict.got}"]
    if verdict.rows:
        lines += ["", indent(_table(verdict.columns, verdict.rows), _INDENT)]
        more = verdict.offending - len(verdict.rows)
        if more > 0:
            lines.append(f"{_INDENT}… and {more:,} more")
    if verdict.sql:
        lines += ["", "  query", indent(verdict.sql.strip().rstrip(";") + ";", _INDENT)]
    if rebuild:
        lines += ["", f"  build {_what(verdict.batches)} again", f"{_INDENT}{rebuild}"]
    return "\n".join(lines)


def _what(batches: Sequence[str]) -> str:
    if not batches:
        return "it"
    return batches[0] if len(batches) == 1 else f"{batches[0]} and {len(batches) - 1} more"


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns aligned as psql aligns them: numbers to the right, all else to the left."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(name), *(len(row[i]) for row in cells)) for i, name in enumerate(columns)]
    right = [all(isinstance(row[i], int | float | Decimal) or row[i] is None for row in rows) for i in range(len(columns))]

    def line(values: Sequence[str]) -> str:
        parts = (v.rjust(w) if r else v.ljust(w) for v, w, r in zip(values, widths, right, strict=True))
        return "  ".join(parts).rstrip()

    return "\n".join([line(columns), line(["-" * width for width in widths]), *(line(row) for row in cells)])


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        shown = value.isoformat(" ", "minutes")
    elif isinstance(value, date):
        shown = value.isoformat()
    elif isinstance(value, int) and not isinstance(value, bool):
        shown = f"{value:,}" if abs(value) >= 100_000 else str(value)
    elif isinstance(value, Decimal):
        shown = f"{value:,f}"
    else:
        shown = " ".join(str(value).split())
    return shown if len(shown) <= _WIDEST else shown[: _WIDEST - 1] + "…"
