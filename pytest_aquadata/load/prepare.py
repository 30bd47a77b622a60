"""Before the first batch: schema, world, master data and feed stock; and after the last: indexes, keys, sequences, statistics.

All of it is idempotent. The world and master data are matched by natural key, so that a second run, or a database that holds some of them
already, gains only what is missing and has nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import Model
from psycopg import sql

from pytest_aquadata.factories import fitting
from pytest_aquadata.factories.faked import FAKED
from pytest_aquadata.farm import master, setup
from pytest_aquadata.farm.rows import model_rows
from pytest_aquadata.load import deferred, ledger, own_rows
from pytest_aquadata.load.binding import Binding, bind
from pytest_aquadata.load.build import Loader
from pytest_aquadata.load.digest import TableDigest, combine
from pytest_aquadata.load.ids import Ids
from pytest_aquadata.load.ledger import Connection
from pytest_aquadata.load.matching import unknown
from pytest_aquadata.load.settle import Settling, jobs
from pytest_aquadata.load.widths import refuse_narrow
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
    binding = bound(conn, plan)
    if binding is not None:
        binding.refuse(plan.all_tables)
    with conn.transaction():
        loader, digests = load_farm(conn, plan, binding)
        ledger.run_prepared(conn, fingerprint, loader.ids, digests)


def load_farm(conn: Connection, plan: Plan, binding: Binding | None) -> tuple[Loader, dict[str, str]]:
    """Load what belongs to no batch: world, master data and feed stock. Returns who loads the batches, and digests by table."""
    ids, digests = load_master(conn, plan, binding)
    loader = Loader(conn, ids, binding)
    for table in filter(loader.has, plan.tables):
        ids.offsets[table] = max(0, _greatest(loader, table) - plan.farm.get(table, 0))
    for table in filter(loader.has, feed_stock.TABLES):
        ids.offsets[table] = _greatest(loader, table)
    refuse_narrow(loader, plan)
    _, stock = loader.copy(feed_stock.rows(plan.simulation))
    return loader, {**digests, **stock}


def finish(conn: Connection, fingerprint: str, plan: Plan) -> None:
    """Put indexes and keys back, sequences behind the last ids, statistics in order; the run is finished when no batch is missing."""
    tables = names_here(conn, plan, sorted(plan.all_tables, key=plan.total, reverse=True))
    settle = Settling()
    deferred.restore(conn, jobs(), settle=settle, tables=tables)
    settle.warn()
    built = ledger.batch_digests(conn, fingerprint)
    complete = len(built) == len(plan.simulation.batches)
    digest = combine(ledger.farm_digests(conn, fingerprint), built) if complete else None
    ledger.run_finished(conn, fingerprint, digest)


def bound(conn: Connection, plan: Plan) -> Binding | None:
    """What the farm's tables are in the application at hand; None for the reference farm, whose they are.

    Raises:
        AquadataError: the scenario speaks of tables or columns that the application does not have.
    """
    return None if setup.is_reference() else bind(conn, plan.simulation.scenario)


def names_here(conn: Connection, plan: Plan, tables: Sequence[str]) -> Sequence[str]:
    """What the database calls those of the farm's tables that it has."""
    binding = bound(conn, plan)
    return tables if binding is None else binding.names(tables)


def _greatest(loader: Loader, table: str) -> int:
    """The greatest id of a table, 0 when it is empty."""
    layout = loader.layout(table)
    query = sql.SQL("SELECT coalesce(max({}), 0) FROM {}").format(sql.Identifier(layout.key), layout.identifier)
    row = loader.conn.execute(query).fetchone()
    return int(row[0]) if row else 0


def clock_of(plan: Plan) -> datetime:
    """The moment at which the world and its master data are made: the first simulated day."""
    return datetime.combine(EPOCH + timedelta(days=plan.simulation.first_day), datetime.min.time(), UTC)


def master_objects(plan: Plan) -> Iterator[tuple[type[Model], master.Objects]]:
    """Every world and master row of a plan, model by model; see `farm.master`."""
    simulation = plan.simulation
    climates = {site.geography.number: site.climate for site in simulation.calendar.sites}
    return master.master_objects(simulation.world, simulation.profile, clock_of(plan), climates)


def load_master(conn: Connection, plan: Plan, binding: Binding | None = None) -> tuple[Ids, dict[str, str]]:
    """Load what is missing of the world and master data. Returns the ids of all of it, and digests by table."""
    ids = Ids()
    loader = Loader(conn, ids, binding)
    digests: dict[str, TableDigest] = {}
    new: set[str] = set()
    for model, objects in master_objects(plan):
        table = fitting.table_of(model)
        digests.setdefault(table, TableDigest(FAKED.get(table, ()))).add(model_rows(objects))
        if not loader.has(table):
            continue
        # what comes second of a table that was empty before need not be looked up among what came first
        missing, own = (objects, []) if table in new else unknown(loader, table, objects)
        # without a ledger nobody will compare
        if binding is not None and own and ledger.exists(conn):
            own_rows.note(conn, binding.tables[table], own)
        if len(missing) == len(objects) and table not in ids.changed:
            new.add(table)
        if missing:
            loader.copy([model_rows(missing)])
    return ids, {table: digest.hexdigest() for table, digest in digests.items()}
