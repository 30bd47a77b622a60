"""A run seen from one process: a connection, a plan, and the steps prepare, build, finish in an order that cannot deadlock.

Every step may be called by any number of processes at once and in any order: a build prepares what is not prepared, a second builder of a
batch finds it built, and whoever needs all batches waits for them on the ledger, where a dead builder is noticed.

What makes rows is imported when it is first needed: factories look their models up when they are imported, and Django allows that only
after it has been set up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

import psycopg

from pytest_aquadata.errors import AquadataError, EnvironmentFault
from pytest_aquadata.farm import setup
from pytest_aquadata.load import aside, claims, deferred, history, ledger, privileges
from pytest_aquadata.load.fingerprint import fingerprint_of
from pytest_aquadata.load.ledger import BatchState, Connection, RunState
from pytest_aquadata.load.queries import reading
from pytest_aquadata.load.settle import jobs
from pytest_aquadata.load.shown import refuse_address
from pytest_aquadata.load.watch import Watch
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch

if TYPE_CHECKING:
    from pytest_aquadata.load.build import Loader
    from pytest_aquadata.load.built import Built
    from pytest_aquadata.load.farmnames import FarmNames

APPLICATION = "aquadata"
"""How connections of this package name themselves; followed by what they do."""

_KEEPALIVE = {"tcp_keepalives_idle": "20", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "4"}
"""Seconds until a silent connection is asked for a sign of life, seconds between questions, and how many may stay without an answer."""
POLL_SECONDS = 0.2
GRACE_SECONDS = 20.0
"""How long no builder may be seen before waiting for one is given up: a worker that replaces a crashed one takes seconds to start."""


def connect(url: str, doing: str) -> Connection:
    """Open a connection that commits each statement unless told otherwise, in UTC, named after what it does.

    Raises:
        AquadataError: it is no address; the message holds no password, nor does the other one.
        EnvironmentFault: the server cannot be reached or refuses.
    """
    refuse_address(url, "what is given")
    try:
        conn: Connection = psycopg.connect(url, autocommit=True, application_name=f"{APPLICATION} {doing}")
    except psycopg.OperationalError as error:
        shown = psycopg.conninfo.conninfo_to_dict(url)
        where = f"{shown.get('host', 'localhost')}:{shown.get('port', 5432)}/{shown.get('dbname', '')}"
        raise EnvironmentFault(f"cannot connect to {where}: {str(error).strip()}") from None
    conn.execute("SET TimeZone = 'UTC'")
    return conn


def outlive_no_builder(conn: Connection) -> None:
    """Have the server notice within a minute that the machine at the other end is gone, and not after its system's two hours.

    Until then it would hold what a lost builder had begun, and whoever builds the batch again would wait for it. A connection that is none
    of TCP, and a server that knows no such settings, stay as they are.
    """
    for name, value in _KEEPALIVE.items():
        with suppress(psycopg.Error):
            conn.execute("SELECT set_config(%s, %s, false)", (name, value))


class Run:
    """The build of one plan into one database, as one process takes part in it.

    url: the database. plan: what to build. fingerprint: what the ledger knows it by. selected: numbers of the batches this session builds.
    alone: no other process builds, so there is nobody to wait for.
    replace: what another run left in the database may be deleted before the first row is written.
    refusal: why nothing may be written to the database; empty where it may. What it holds can be verified all the same.
    joins: another process has prepared the run and holds it; this one only builds batches of it, and refuses where that is not so.
    builder: what the ledger calls this process.
    """

    def __init__(
        self,
        url: str,
        plan: Plan,
        fingerprint: str,
        selected: Iterable[int],
        *,
        alone: bool = True,
        replace: bool = False,
        refusal: str = "",
        joins: bool = False,
        builder: str = "main",
    ) -> None:
        self.url, self.plan, self.fingerprint = url, plan, fingerprint
        self.selected = tuple(selected)
        self.alone, self.replace, self.refusal, self.joins, self.builder = alone, replace, refusal, joins, builder
        self._prepared = self._finished = False
        self._conn: Connection | None = None
        self._loader: Loader | None = None

    @property
    def conn(self) -> Connection:
        """The process's connection, opened when first needed."""
        if self._conn is None or self._conn.closed:
            self._conn = connect(self.url, "build")
            self._loader = None
        return self._conn

    def prepare(self) -> None:
        """Make schema, world, master data and feed stock ready, once for all processes.

        Raises:
            AquadataError: nothing may be written to the database, or another run has taken it over.
        """
        if self.refusal:
            raise AquadataError(self.refusal)
        with connect(self.url, "prepare") as gate:
            # a lock of its own connection: what happens meanwhile are several transactions
            claims.hold_structure(gate)
            state = ledger.run_state(self.conn, self.fingerprint)
            if state is RunState.ABSENT and self._prepared:
                raise AquadataError("another run has taken the database over since this one prepared it")
            if state in (RunState.PREPARED, RunState.FINISHED) and not self.missing(self.selected):
                self._prepared = True
                return
            setup.configure(self.url)
            from pytest_aquadata.load.prepare import empty, names_here, prepare

            if state in (RunState.PREPARED, RunState.FINISHED):
                privileges.refuse_to_fill(self.conn, names_here(self.conn, self.plan, self.plan.tables))
            if state is RunState.ABSENT and self.replace and ledger.runs(self.conn):
                empty(self.conn)
            if state in (RunState.ABSENT, RunState.PREPARING):
                prepare(self.conn, self.url, self.fingerprint, self.plan)
            # the locks that this takes and those of a batch that is being loaded would wait for each other
            if claims.begin_building(self.conn):
                tables = names_here(self.conn, self.plan, self.plan.tables)
                aside.make_way(self.conn, self.plan, self.missing(self.selected), self.built(), tables)
            self._prepared = True

    def _join(self) -> None:
        """Be a builder of a run that another process has prepared.

        Raises:
            AquadataError: the database does not hold it, or no longer.
        """
        outlive_no_builder(self.conn)
        if not claims.join_building(self.conn, self.fingerprint):
            raise AquadataError("the database is not prepared for this run, or another run has taken it over")

    def build(self, number: int, watch: Watch | None = None) -> Built:
        """Build one batch; prepares first where nobody has. `watch` is told where the build is."""
        setup.configure(self.url)
        from pytest_aquadata.load.build import Loader, build_batch
        from pytest_aquadata.load.prepare import bound

        conn = self.conn  # a lost connection is opened again here, and its loader forgotten
        if self._loader is None:
            self._join() if self.joins else self.prepare()
            self._loader = Loader(conn, ledger.run_ids(conn, self.fingerprint), bound(conn, self.plan))
        return build_batch(self._loader, self.fingerprint, self.plan, number, builder=self.builder, watch=watch)

    def missing(self, numbers: Sequence[int]) -> list[Batch]:
        """Those of the batches that are not built."""
        states = ledger.batch_states(self.conn, self.fingerprint) if ledger.exists(self.conn) else {}
        return [self.plan.simulation.batches[n - 1] for n in numbers if states.get(n) is not BatchState.BUILT]

    def wait(self) -> None:
        """Wait until every selected batch is built or has failed, or nobody builds any more."""
        if self.alone:
            return
        seen = time.monotonic()
        self.conn.execute(f"SET application_name = '{APPLICATION} wait'")
        try:
            while self.outstanding():
                if self._builders():
                    seen = time.monotonic()
                elif time.monotonic() - seen > GRACE_SECONDS:
                    # whoever comes after this item need not wait again
                    self.alone = True
                    return
                time.sleep(POLL_SECONDS)
        finally:
            if not self.conn.closed:
                self.conn.execute(f"SET application_name = '{APPLICATION} build'")

    def outstanding(self) -> list[Batch]:
        """The selected batches that are neither built nor failed."""
        states = ledger.batch_states(self.conn, self.fingerprint) if ledger.exists(self.conn) else {}
        waiting = [n for n in self.selected if states.get(n, BatchState.PLANNED) is BatchState.PLANNED]
        return [self.plan.simulation.batches[n - 1] for n in waiting]

    def _builders(self) -> int:
        row = self.conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND application_name IN (%s, %s)",
            (f"{APPLICATION} build", f"{APPLICATION} prepare"),
        ).fetchone()
        return int(row[0]) if row else 0

    def finish(self) -> str | None:
        """Put indexes, keys, sequences and statistics in order, once; returns the digest, None while batches are missing."""
        if not self._finished:
            with connect(self.url, "finish") as gate:
                claims.hold_structure(gate)
                state = ledger.run_state(self.conn, self.fingerprint)
                if state in (RunState.ABSENT, RunState.PREPARING):
                    # nothing of this run, but perhaps what another one that died left aside
                    deferred.restore(self.conn, jobs())
                    return None
                if state is RunState.PREPARED or deferred.pending(self.conn):
                    setup.configure(self.url)
                    from pytest_aquadata.load.prepare import finish

                    finish(self.conn, self.fingerprint, self.plan)
            self._finished = True
        return self.digest()

    def digest(self) -> str | None:
        """The digest of the finished run; None before, and where the ledger does not know the run."""
        return ledger.run_digest(self.conn, self.fingerprint) if ledger.exists(self.conn) else None

    def left_aside(self) -> int:
        """How many indexes and keys a run that died has left aside; 0 where this role may not know."""
        try:
            return deferred.pending(self.conn) if ledger.exists(self.conn) else 0
        except psycopg.errors.InsufficientPrivilege:
            return 0

    def built(self) -> list[Batch]:
        """The batches that the ledger calls built, in order; in a database that is not this run's, those that are there by their numbers.

        Raises:
            AquadataError: there is no table of batches, or this role may not read it.
        """
        if self.refusal:
            return self._found()
        missing = {batch.number for batch in self.missing([b.number for b in self.plan.simulation.batches])}
        return [batch for batch in self.plan.simulation.batches if batch.number not in missing]

    @cached_property
    def names(self) -> FarmNames | None:
        """What the farm's names mean in the application whose tables are filled; None where they are the farm's own.

        Raises:
            AquadataError: the scenario speaks of tables or columns that the application does not have.
        """
        if not setup.is_application():
            return None
        setup.configure_application()
        from pytest_aquadata.load import own_rows
        from pytest_aquadata.load.farmnames import FarmNames
        from pytest_aquadata.load.prepare import bound

        binding = bound(self.conn, self.plan)
        return None if binding is None else FarmNames(binding, own_rows.counted(self.conn))

    def reading(self) -> AbstractContextManager[Connection]:
        """The process's connection, for queries in the farm's names."""
        return reading(self.conn, self.names)

    def _found(self) -> list[Batch]:
        names = [batch.name for batch in self.plan.simulation.batches]
        try:
            with self.reading() as conn:
                rows = conn.execute("SELECT batch_number FROM batch_batch WHERE batch_number = ANY(%s)", (names,)).fetchall()
        except psycopg.errors.ProgrammingError as error:
            raise AquadataError(f"no batch can be looked up: {error.diag.message_primary}") from None
        there = {name for (name,) in rows}
        return [batch for batch in self.plan.simulation.batches if batch.name in there]

    def state(self) -> RunState:
        """How far the run is."""
        return ledger.run_state(self.conn, self.fingerprint)

    def rows(self) -> dict[str, int]:
        """Rows of the built batches by table, as they were counted while being copied; none where the ledger does not know the run."""
        return {} if self.state() is RunState.ABSENT else ledger.rows_by_table(self.conn, self.fingerprint)

    def size(self) -> int | None:
        """Bytes of the database; None where this role may not ask."""
        try:
            row = self.conn.execute("SELECT pg_database_size(current_database())").fetchone()
        except psycopg.errors.InsufficientPrivilege:
            return None
        return int(row[0]) if row else None

    def table_sizes(self) -> dict[str, int]:
        """Bytes of each of the plan's tables that the database has, with its indexes."""
        query = "SELECT name, pg_total_relation_size(to_regclass(name)) FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NOT NULL"
        try:
            rows = self.conn.execute(query, (list(self.plan.all_tables),)).fetchall()
        except psycopg.errors.InsufficientPrivilege:
            return {}
        return {name: int(size) for name, size in rows}

    def history(self) -> dict[int, dict[str, Any]]:
        """How each batch came about, by its number."""
        return history.batches(self.conn, self.fingerprint)

    def phases(self) -> dict[str, float]:
        """Seconds by phase, summed over the sessions that built something."""
        return history.phases(self.conn, self.fingerprint)

    def add_phases(self, seconds: Mapping[str, float]) -> None:
        """Add the seconds of this session."""
        ledger.add_phases(self.conn, self.fingerprint, seconds)

    def server_version(self) -> str | None:
        """The version of the server."""
        return self.conn.info.parameter_status("server_version")

    def close(self) -> None:
        """End the process's connection."""
        if self._conn is not None:
            self._conn.close()


def build_everything(
    url: str,
    plan: Plan,
    before: Callable[[Batch], None] = lambda _: None,
    after: Callable[[Batch, Mapping[str, int]], None] = lambda *_: None,
) -> str:
    """Build a whole plan into a database in this process; returns the digest. For programs and tests that need no pytest items.

    before, after: called around each batch, the latter with its rows by table.
    """
    batches = plan.simulation.batches
    run = Run(url, plan, fingerprint_of(plan.simulation.scenario), [batch.number for batch in batches])
    try:
        for batch in batches:
            before(batch)
            after(batch, run.build(batch.number).rows)
        digest = run.finish()
    finally:
        run.close()
    if digest is None:
        raise RuntimeError("the ledger misses batches that were built")
    return digest
