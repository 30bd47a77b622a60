"""Pieces of HTML: text that is made safe, tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def text(value: object) -> str:
    """A value as text of the page."""
    return escape("" if value is None else str(value))


def table(head: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[int] = (), cards: bool = False) -> str:
    """A table that can be moved sideways where it is wider than the page.

    numbers: columns that are set to the right. cards: on a small page each row is a card instead.
    """

    def cells(tag: str, values: Sequence[object]) -> str:
        return "".join(f"<{tag}{' class=n' if place in numbers else ''}>{text(value)}</{tag}>" for place, value in enumerate(values))

    body = "".join(f"<tr>{cells('td', row)}</tr>\n" for row in rows)
    kind = " class=cards" if cards else ""
    return f"<div class=wide><table{kind}><thead><tr>{cells('th', head)}</tr></thead>\n<tbody>{body}</tbody></table></div>"


def paragraph(words: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{text(words)}</p>"
