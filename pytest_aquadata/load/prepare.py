"""Before the first batch: schema, world, master data and feed stock; and after the last: indexes, keys, sequences, statistics.

All of it is idempotent. The world and master data are matched by natural key, so that a second run, or a database that holds some of them
already, gains only what is missing and has nothing changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Field, Model
from psycopg import sql

from pytest_aquadata.factories.faked import FAKED
from pytest_aquadata.farm import master, setup
from pytest_aquadata.farm.rows import SOFT_REFERENCES, model_rows
from pytest_aquadata.load import deferred, ledger
from pytest_aquadata.load.build import Loader, primary_key
from pytest_aquadata.load.catalogue import read_layout
from pytest_aquadata.load.digest import TableDigest, combine
from pytest_aquadata.load.ids import Ids
from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.load.settle import Settling, jobs
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.temperature import EPOCH
from pytest_aquadata.streams import feed_stock


def empty(conn: Connection) -> None:
    """Delete all that another run left: the whole of the schema `public`, and the ledger. For databases that are ours alone."""
    with conn.transaction():
        conn.execute(f"DROP SCHEMA public, {ledger.SCHEMA} CASCADE")
        conn.execute("CREATE SCHEMA public")


def prepare(conn: Connection, url: str, fingerprint: str, plan: Plan) -> None:
    """Make the database ready for batches; the caller sees to it that only one session does so at a time.

    url: the same database, for the migrations of the reference farm; an application's tables are its own to migrate.
    """
    # the run is entered first, so that one that dies while migrating is recognised as its own
    ledger.create(conn)
    ledger.enter_run(conn, fingerprint, plan)
    setup.configure(url)
    if setup.is_reference():
        setup.migrate(url)
    with conn.transaction():
        ids, digests = load_master(conn, plan)
        for table in plan.tables:
            ids.offsets[table] = max(0, _greatest(conn, table) - plan.farm.get(table, 0))
        for table in feed_stock.TABLES:
            ids.offsets[table] = _greatest(conn, table)
        _, stock = Loader(conn, ids).copy(feed_stock.rows(plan.simulation))
        ledger.run_prepared(conn, fingerprint, ids, {**digests, **stock})


def finish(conn: Connection, fingerprint: str, plan: Plan) -> None:
    """Put indexes and keys back, sequences behind the last ids, statistics in order; the run is finished when no batch is missing."""
    tables = sorted(plan.all_tables, key=plan.total, reverse=True)
    settle = Settling()
    deferred.restore(conn, jobs(), settle=settle, tables=tables)
    settle.warn()
    built = ledger.batch_digests(conn, fingerprint)
    complete = len(built) == len(plan.simulation.batches)
    digest = combine(ledger.farm_digests(conn, fingerprint), built) if complete else None
    ledger.run_finished(conn, fingerprint, digest)


def _greatest(conn: Connection, table: str) -> int:
    """The greatest id of a table, 0 when it is empty."""
    key = sql.Identifier(primary_key(read_layout(conn, table)))
    row = conn.execute(sql.SQL("SELECT coalesce(max({}), 0) FROM {}").format(key, sql.Identifier(table))).fetchone()
    return int(row[0]) if row else 0


def clock_of(plan: Plan) -> datetime:
    """The moment at which the world and its master data are made: the first simulated day."""
    return datetime.combine(EPOCH + timedelta(days=plan.simulation.first_day), datetime.min.time(), UTC)


def load_master(conn: Connection, plan: Plan) -> tuple[Ids, dict[str, str]]:
    """Load what is missing of the world and master data. Returns the ids of all of it, and digests by table."""
    ids = Ids()
    loader = Loader(conn, ids)
    digests: dict[str, TableDigest] = {}
    simulation = plan.simulation
    climates = {site.geography.number: site.climate for site in simulation.calendar.sites}
    for model, objects in master.master_objects(simulation.world, simulation.profile, clock_of(plan), climates):
        table = model._meta.db_table
        digests.setdefault(table, TableDigest(FAKED.get(table, ()))).add(model_rows(objects))
        if missing := _unknown(conn, table, objects, ids):
            loader.copy([model_rows(missing)])
    return ids, {table: digest.hexdigest() for table, digest in digests.items()}


def _unknown(conn: Connection, table: str, objects: Sequence[Model], ids: Ids) -> list[Model]:
    """The objects that the table has not; where it has rows, the ids of all are entered in `ids`."""
    by_column = {field.column: field for field in objects[0]._meta.concrete_fields}
    fields = [by_column[column] for column in master.NATURAL_KEYS[table]]
    key = objects[0]._meta.pk
    names = [str(field.column) for field in (key, *fields)]
    columns = sql.SQL(", ").join([sql.Identifier(name) for name in names])
    found = conn.execute(sql.SQL("SELECT {} FROM {}").format(columns, sql.Identifier(table))).fetchall()
    if not found:
        return list(objects)
    known = {row[1:]: row[0] for row in found}
    used = set(known.values())
    free = max(used) + 1
    changed: dict[int, int] = {}
    missing = []
    for entry in objects:
        number, values = entry.pk, tuple(_value(entry, field, ids) for field in fields)
        if values in known:
            changed[number] = known[values]
        else:
            missing.append(entry)
            if number in used:
                changed[number], free = free, free + 1
            else:
                changed[number] = number
            used.add(changed[number])
    # all of them, also those that are equal: the table's other numbers may be offset
    ids.change(table, changed)
    return missing


def _value(entry: Model, field: Field[Any, Any], ids: Ids) -> object:
    """A value of a natural key as the database holds it: foreign keys are ids there and numbers here."""
    value, target = getattr(entry, field.attname), None
    if field.is_relation and field.related_model is not None:
        target = field.related_model._meta.db_table
    elif (soft := SOFT_REFERENCES.get(entry._meta.db_table)) and soft[0] == field.column:
        target = soft[2][getattr(entry, soft[1])]
    return value if target is None or value is None else int(ids(target, np.asarray(value, dtype=np.int64)))
