"""What refers to rows that go, and what becomes of it: the application's own rules for its tables, a refusal for everybody else's.

The rules are the models' ``on_delete``: where it cascades, the referring row goes as well; where it sets NULL, the row stays and lets go;
where it protects, the row stands in the way. Constraints are not asked for that, because they may be set aside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from django.apps import apps
from django.db import models
from psycopg import sql

from pytest_aquadata.load.catalogue import find_table
from pytest_aquadata.load.going import Going
from pytest_aquadata.load.ledger import Connection


class Rule(Enum):
    """What becomes of a row that refers to one that goes."""

    GOES_TOO = "cascade"
    LETS_GO = "set null"
    IN_THE_WAY = "protect"


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key between two tables: `column` of `table` holds the primary key of `target`."""

    table: str
    column: str
    target: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Outside:
    """A foreign key of a table that is not ours: its columns, and those of our table that they hold."""

    schema: str
    table: str
    columns: tuple[str, ...]
    target: str
    others: tuple[str, ...]


_RULES = {models.CASCADE: Rule.GOES_TOO, models.SET_NULL: Rule.LETS_GO}


def references(tables: Mapping[str, Going]) -> list[Reference]:
    """The foreign keys between these tables, as the models declare them; Django has to be set up."""
    found = []
    for model in apps.get_models():
        table = model._meta.db_table
        for key in model._meta.concrete_fields:
            target = key.related_model._meta.db_table if isinstance(key, models.ForeignKey) else ""
            if table in tables and target in tables:
                rule = _RULES.get(key.deconstruct()[3]["on_delete"], Rule.IN_THE_WAY)
                found.append(Reference(table, str(key.column), target, rule))
    return found


_CONSTRAINTS = """
SELECT c.conrelid::bigint, n.nspname, t.relname, c.confrelid::bigint,
       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(num, at)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num ORDER BY k.at),
       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(num, at)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num ORDER BY k.at)
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_class t ON t.oid = c.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE c.contype = 'f' AND c.confrelid = ANY(%s) AND c.conrelid <> c.confrelid
ORDER BY 2, 3, c.conname
"""


def constraints(conn: Connection, tables: Mapping[str, Going]) -> tuple[list[Outside], list[tuple[str, str]]]:
    """The database's foreign keys that lead to these tables: those of other tables, and (table, target) of those between them."""
    names = {find_table(conn, f"{going.layout.schema}.{name}").oid: name for name, going in tables.items()}
    outside, inside = [], []
    for oid, schema, table, target, columns, others in conn.execute(_CONSTRAINTS, (list(names),)).fetchall():
        if oid in names:
            inside.append((names[oid], names[target]))
        else:
            outside.append(Outside(schema, table, tuple(columns), names[target], tuple(others)))
    return outside, inside


def take_along(conn: Connection, tables: Mapping[str, Going], keys: Sequence[Reference]) -> None:
    """Add to what goes the rows of others that belong to it, and what belongs to those."""
    again = True
    while again:
        again = False
        for key in keys:
            going, target = tables[key.table], tables[key.target]
            if key.rule is Rule.GOES_TOO and target:
                query = sql.SQL("SELECT {} FROM {} WHERE {} AND {}").format(
                    going.key, going.layout.identifier, going.stays(), target.holds(sql.Identifier(key.column))
                )
                new = {row[0] for row in conn.execute(query).fetchall()}
                going.more |= new
                again = again or bool(new)


def in_the_way(conn: Connection, tables: Mapping[str, Going], keys: Sequence[Reference], outside: Sequence[Outside]) -> list[str]:
    """One line for every foreign key by which rows that stay need rows that go."""
    lines = []
    for key in keys:
        going, target = tables[key.table], tables[key.target]
        if key.rule is Rule.IN_THE_WAY and target:
            query = sql.SQL("SELECT count(*) FROM {} WHERE {} AND {}").format(
                going.layout.identifier, going.stays(), target.holds(sql.Identifier(key.column))
            )
            lines += _line(conn, query, key.table, key.column, key.target)
    for other in outside:
        target = tables[other.target]
        same = sql.SQL(" AND ").join(
            sql.SQL("o.{} = t.{}").format(sql.Identifier(mine), sql.Identifier(theirs))
            for mine, theirs in zip(other.columns, other.others, strict=True)
        )
        query = sql.SQL("SELECT count(*) FROM {} o JOIN {} t ON {} WHERE {}").format(
            sql.Identifier(other.schema, other.table),
            target.layout.identifier,
            same,
            target.holds(sql.SQL("t.{}").format(target.key)),
        )
        if target:
            lines += _line(conn, query, f"{other.schema}.{other.table}", ", ".join(other.columns), other.target)
    return lines


def _line(conn: Connection, query: sql.Composed, table: str, column: str, target: str) -> list[str]:
    (rows,) = conn.execute(query).fetchone() or (0,)
    return [f"{table}.{column}: {rows:,} row{'' if rows == 1 else 's'} that refer to {target}"] if rows else []


def let_go(conn: Connection, tables: Mapping[str, Going], keys: Sequence[Reference]) -> None:
    """Set NULL where rows that stay refer to rows that go and may do without."""
    for key in keys:
        going, target = tables[key.table], tables[key.target]
        if key.rule is Rule.LETS_GO and target:
            column = sql.Identifier(key.column)
            conn.execute(
                sql.SQL("UPDATE {} SET {} = NULL WHERE {} AND {}").format(
                    going.layout.identifier, column, going.stays(), target.holds(column)
                )
            )
