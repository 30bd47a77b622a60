"""One batch, or the farm behind all batches, from the plan into the database: encode, copy, digest, enter.

A batch is one transaction together with its ledger entry, claimed by a lock: whoever comes second finds it built. `build_batch` is a
function of a connection, a plan and a number; it knows neither pytest nor who runs it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import chain, groupby

import numpy as np
from psycopg import sql

from pytest_aquadata.factories.faked import FAKED
from pytest_aquadata.factories.fitting import farm_tables, is_made
from pytest_aquadata.farm.batches import batch_rows
from pytest_aquadata.load import claims, ledger
from pytest_aquadata.load.binding import Binding, Bound
from pytest_aquadata.load.built import Built
from pytest_aquadata.load.catalogue import TableLayout, read_layout
from pytest_aquadata.load.copybinary import copy_rows
from pytest_aquadata.load.digest import TableDigest
from pytest_aquadata.load.ids import Ids
from pytest_aquadata.load.ledger import BatchState, Connection
from pytest_aquadata.load.watch import Watch
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.streams.columns import Rows
from pytest_aquadata.streams.registry import active_streams


class Loader:
    """Copies rows into one database; reads each table's layout once.

    binding: what the farm's tables are in the application at hand; None for the reference farm, whose they are.
    """

    def __init__(self, conn: Connection, ids: Ids, binding: Binding | None = None) -> None:
        self.conn, self.ids, self.binding = conn, ids, binding
        self._layouts: dict[str, TableLayout] = {}

    def has(self, table: str) -> bool:
        """Whether the farm's table is filled here."""
        return self.binding is None or table in self.binding.tables

    def layout(self, table: str) -> TableLayout:
        """The table's columns as the database has them."""
        if self.binding is not None:
            return self.binding.tables[table].layout
        if table not in self._layouts:
            self._layouts[table] = read_layout(self.conn, table)
        return self._layouts[table]

    def copy(self, rows: Iterable[Rows], watch: Watch | None = None) -> tuple[dict[str, int], dict[str, str]]:
        """Copy rows, which come table by table; returns counts and digests by table. `watch` is told what is being copied."""
        watch = watch or Watch()
        digests: dict[str, TableDigest] = {}
        for table, chunks in groupby(rows, key=lambda part: part.table):
            digest = digests.setdefault(table, TableDigest(FAKED.get(table, ())))
            taken = _taken(chunks, digest)
            if not self.has(table):
                for _ in taken:  # counted and digested like any other, and not stored
                    pass
                continue
            with watch.table(table):
                if self.binding is None:
                    copy_rows(self.conn, taken, self.layout(table), self.ids)
                else:
                    self._copy_bound(self.binding.tables[table], taken)
        return (
            {table: digest.rows for table, digest in digests.items()},
            {table: digest.hexdigest() for table, digest in digests.items()},
        )

    def _copy_bound(self, bound: Bound, chunks: Iterable[Rows]) -> None:
        """Copy into an application's table, and enter the rows in its history where that is asked for."""
        key, numbers = farm_tables()[bound.table].key, []

        def fitted() -> Iterator[Rows]:
            for rows in chunks:
                numbers.append(np.atleast_1d(rows.columns[key].values))
                yield bound.fit(rows)

        copy_rows(self.conn, fitted(), bound.layout, self.ids)
        if bound.history is not None:
            bound.history.add(self.conn, self.ids(bound.table, np.concatenate(numbers)), bound.clock)


def _taken(chunks: Iterable[Rows], digest: TableDigest) -> Iterator[Rows]:
    for rows in chunks:
        digest.add(rows)
        yield rows


def rows_of(plan: Plan, batch: Batch, watch: Watch | None = None) -> Iterator[Rows]:
    """All rows of a batch: what has a name, made by factories, then the streams that the scenario leaves on."""
    watch = watch or Watch()
    streams = active_streams(plan.simulation.scenario)
    made = (_made(watch, stream.name, stream.rows(plan, batch)) for stream in streams)
    return chain(_made(watch, "what has a name", batch_rows(plan, batch)), *made)


def _made(watch: Watch, source: str, rows: Iterable[Rows]) -> Iterator[Rows]:
    with watch.step(f"making {source}"):
        yield from rows


def build_batch(loader: Loader, fingerprint: str, plan: Plan, number: int, *, builder: str = "main", watch: Watch | None = None) -> Built:
    """Build one batch in one transaction; does nothing if it is built already.

    builder: who builds, for the ledger. watch: is told where the build is, for a caller who wants to know where it failed.

    Raises:
        Exception: whatever went wrong; the transaction is rolled back and the ledger says that the batch failed, where and why.
    """
    watch = watch or Watch()
    batch, conn = plan.batch(number), loader.conn
    started = time.perf_counter()
    try:
        # keys that are checked at the end of the transaction fail in the outer step
        with watch.step("committing"), conn.transaction():
            claims.lock_batch(conn, number)
            if ledger.batch_states(conn, fingerprint).get(number) is BatchState.BUILT:
                return Built({}, {}, time.perf_counter() - started, fresh=False)
            if ledger.is_stale(conn, fingerprint, number):
                with watch.step("deleting what was built before"):
                    delete_batch(loader, plan, batch)
            rows, digests = loader.copy(rows_of(plan, batch, watch), watch)
            with watch.step("comparing with the plan"):
                as_planned(plan, batch, rows)
            seconds = time.perf_counter() - started
            with watch.step("entering it in the ledger"):
                ledger.batch_built(conn, fingerprint, number, rows, digests, seconds, builder)
    except Exception as error:
        if not conn.closed:
            ledger.batch_failed(conn, fingerprint, number, f"{type(error).__name__}: {error}", watch.failed_in, builder)
        raise
    return Built(rows, digests, seconds, table_seconds=watch.seconds)


def as_planned(plan: Plan, batch: Batch, rows: dict[str, int]) -> None:
    """Refuse what a stream made otherwise than it announced: it would give two rows one number.

    Raises:
        RuntimeError: a table has another number of rows than the plan says.
    """
    for table in plan.tables:
        if rows.get(table, 0) != plan.count(batch, table) and is_made(table):
            raise RuntimeError(f"{batch.name}: {rows.get(table, 0)} rows made for {table}, {plan.count(batch, table)} planned")


def delete_batch(loader: Loader, plan: Plan, batch: Batch) -> None:
    """Delete a batch's rows: those with its numbers, and whatever else in the same tables names the batch."""
    conn = loader.conn
    conn.execute("SET CONSTRAINTS ALL DEFERRED")
    batch_id = int(loader.ids("batch_batch", plan.numbers(batch, "batch_batch"))[0])
    for table in filter(loader.has, plan.tables):
        layout = loader.layout(table)
        numbers = loader.ids(table, plan.numbers(batch, table))
        conditions: list[sql.Composable] = [sql.SQL("FALSE")]
        values: list[int] = []
        if len(numbers):
            conditions.append(sql.SQL("{} BETWEEN %s AND %s").format(sql.Identifier(primary_key(layout))))
            values += [int(numbers[0]), int(numbers[-1])]
        if (owner := _owner(loader, table, layout)) is not None:
            conditions.append(sql.SQL("{} = %s").format(sql.Identifier(owner)))
            values.append(batch_id)
        if loader.binding is not None and (history := loader.binding.tables[table].history) is not None:
            gone = sql.SQL("SELECT {} FROM {} WHERE {}").format(
                sql.Identifier(layout.key), layout.identifier, sql.SQL(" OR ").join(conditions)
            )
            conn.execute(
                sql.SQL("DELETE FROM {} WHERE {} IN ({})").format(history.layout.identifier, sql.Identifier(layout.key), gone), values
            )
        conn.execute(sql.SQL("DELETE FROM {} WHERE {}").format(layout.identifier, sql.SQL(" OR ").join(conditions)), values)


def _owner(loader: Loader, table: str, layout: TableLayout) -> str | None:
    """The column of a table that names the batch of a row."""
    if loader.binding is not None:
        return loader.binding.tables[table].columns.get("batch_id")
    return "batch_id" if "batch_id" in layout.columns else None


def primary_key(layout: TableLayout) -> str:
    """The column that holds a table's plan numbers."""
    return layout.key or next(iter(layout.columns))
