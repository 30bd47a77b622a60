"""A connection on which queries in the farm's names run as they are meant in the database at hand.

What the names mean there takes the application's models to know (`pytest_aquadata.load.farmnames`); to ask does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg

from pytest_aquadata.errors import NotFilled
from pytest_aquadata.load.ledger import Connection


class Names(Protocol):
    """What the farm's names mean in a database."""

    def translate(self, statement: str) -> str:
        """The statement as it runs there; raises `NotFilled` where it reads what is left out there."""

    def explain(self, error: psycopg.Error) -> NotFilled | None:
        """The server's complaint as one about what is not filled there; None for any other."""


@contextmanager
def reading(conn: Connection, names: Names | None, left_out: dict[str, None] | None = None) -> Iterator[Connection]:
    """The connection, on which queries in the farm's names can be run meanwhile; raises `NotFilled` out of those that cannot.

    left_out: gains what each of those said, also where somebody catches it and goes on with the rest.
    """
    if names is None:
        yield conn
        return
    before, conn.cursor_factory = conn.cursor_factory, _cursors(names, {} if left_out is None else left_out)
    try:
        yield conn
    finally:
        conn.cursor_factory = before


def _cursors(names: Names, left_out: dict[str, None]) -> type[psycopg.Cursor[Any]]:
    """A class of cursors that run statements as they are meant here."""

    @contextmanager
    def explained() -> Iterator[None]:
        try:
            yield
        except NotFilled as error:
            left_out[str(error)] = None
            raise
        except psycopg.Error as error:
            if (said := names.explain(error)) is None:
                raise
            left_out[str(said)] = None
            raise said from None

    class FarmCursor(psycopg.Cursor[Any]):
        """A cursor for queries in the farm's names."""

        def execute(self, query: Any, *arguments: Any, **options: Any) -> FarmCursor:
            """Run the query; in a transaction of its own, so that one which cannot be run costs no other."""
            with explained(), self.connection.transaction():
                super().execute(_translated(names, query), *arguments, **options)
            return self

        @contextmanager
        def copy(self, statement: Any, *arguments: Any, **options: Any) -> Iterator[psycopg.Copy]:
            """Copy the query's rows out."""
            with explained(), super().copy(_translated(names, statement), *arguments, **options) as copy:
                yield copy

    return FarmCursor


def _translated(names: Names, query: Any) -> Any:
    if isinstance(query, bytes):
        return names.translate(query.decode()).encode()
    return names.translate(query).encode() if isinstance(query, str) else query
