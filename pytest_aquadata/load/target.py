"""The database that a session builds into: opened, recognised, claimed.

On the embedded server each scenario has a database of its own; when it holds another run, that is deleted as soon as this one writes its
first row, and not before: to verify or to look costs nobody a finished build. A database of the user's own is never emptied: what is built
into has to be empty, or hold this very run. Any other can be verified as it is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from psycopg import sql

from pytest_aquadata.errors import AquadataError, EnvironmentFault
from pytest_aquadata.farm import setup
from pytest_aquadata.load import claims, embedded, ledger, privileges, safety
from pytest_aquadata.load.disk import check_room
from pytest_aquadata.load.fingerprint import UNBUILT
from pytest_aquadata.load.ledger import BatchState, Connection, RunState
from pytest_aquadata.load.run import APPLICATION, connect
from pytest_aquadata.load.shown import refuse_address, shown
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch


@dataclass(slots=True)
class Target:
    """An opened database.

    url: its address, without a password of ours. server: the embedded server, None for one of the user's own.
    claim: the connection that holds the run to the end of the session.
    replace: whether what another run left there may be deleted. refusal: why nothing may be written there; empty where it may.
    """

    url: str
    server: embedded.Server | None
    claim: Connection
    replace: bool = False
    refusal: str = ""

    def run_state(self, fingerprint: str) -> RunState:
        """How far a run is."""
        return ledger.run_state(self.claim, fingerprint)

    def batch_states(self, fingerprint: str, plan: Plan) -> Mapping[int, BatchState]:
        """The state of every batch of a run, by its number."""
        return ledger.batch_states(self.claim, fingerprint)

    def plan_again(self, fingerprint: str, plan: Plan, again: Collection[str]) -> None:
        """Take up what is to be done once more."""
        ledger.plan_again(self.claim, fingerprint, again)

    def check_room(self, plan: Plan, batches: Sequence[Batch]) -> None:
        """See that these batches have room, where it is the embedded server's to see.

        Raises:
            EnvironmentFault: they have not.
        """
        if self.server is not None:
            check_room(self.server.data_dir, plan, batches)

    def close(self) -> None:
        """Give up the run; the embedded server stops when nobody else uses it."""
        self.claim.close()
        if self.server is not None:
            self.server.release()

    def how_to_use(self) -> list[str]:
        """How to connect, and how to start the server again."""
        lines = [f"connect   {shown(self.url)}"]
        if self.server is not None:
            lines.append(f"start     {self.server.how_to_start()}   (the server stops with the last session; the data stay)")
        return lines


def open_target(
    url: str | None,
    home: str | None,
    plan: Plan,
    fingerprint: str,
    create: bool,
    explicit: bool = True,
    batches: Sequence[Batch] | None = None,
) -> Target:
    """Open the database of a run: the user's own at `url`, else the scenario's on the embedded server of `home`.

    create: build from nothing even where the database holds this run. explicit: whether somebody typed the address for this very run.
    batches: those that are to be built, for which there has to be room; None: all of the plan.

    A database of the user's own that holds something else is opened to be read, with the reason in `refusal`.

    Raises:
        AquadataError: no server, no such database, another run at work in it, or too little room.
    """
    if url is not None:
        return _own(url, fingerprint, create, explicit)
    server = embedded.start(Path(home) if home else None)
    try:
        return _embedded(server, plan, fingerprint, create, batches)
    except BaseException:
        server.release()
        raise


def open_as_it_is(url: str | None, home: str | None, scenario: str) -> Target:
    """Open and claim the database of a scenario, whatever run it holds, for work that builds nothing.

    Raises:
        AquadataError: no server, no such database, or another run at work in it.
    """
    if url is not None:
        return Target(url, None, _claim(url))
    server = embedded.start(Path(home) if home else None)
    try:
        name = f"aquadata_{scenario}"
        if name not in server.databases():
            raise AquadataError(f"the embedded PostgreSQL in {server.home} has no database {name}")
        return Target(server.url(name), server, _claim(server.url(name)))
    except BaseException:
        server.release()
        raise


def _embedded(server: embedded.Server, plan: Plan, fingerprint: str, create: bool, batches: Sequence[Batch] | None) -> Target:
    name = f"aquadata_{plan.simulation.scenario.name}"
    url = server.url(name)
    with connect(server.url(), "prepare") as conn:
        # two sessions that find no database must not both make it
        claims.hold_structure(conn)
        if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            claim = _claim(url)
            held = [run.fingerprint for run in ledger.runs(claim)]
            if held and not create:
                if held != [fingerprint]:
                    check_room(server.data_dir, plan, batches)
                return Target(url, server, claim, replace=True)
            claim.close()
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        check_room(server.data_dir, plan, batches)
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return Target(url, server, _claim(url), replace=True)


def _own(url: str, fingerprint: str, create: bool, explicit: bool) -> Target:
    refuse_address(url)
    claim = _claim(url)
    try:
        _refuse_role(claim)
        runs = ledger.runs(claim)
        if refusal := safety.refusal(claim, url, shown(url), explicit):
            return Target(url, None, claim, refusal=refusal)
        if [run.fingerprint for run in runs] == [fingerprint] and not create:
            return Target(url, None, claim)
        return Target(url, None, claim, refusal=_refusal(claim, url, runs, explicit))
    except BaseException:
        claim.close()
        raise


def _refusal(conn: Connection, url: str, runs: list[ledger.RunRow], explicit: bool) -> str:
    """Why nothing may be written to a database of the user's own; empty where it is empty or an application's, and may be filled."""
    if runs:
        return (
            f"{shown(url)} holds scenario '{runs[0].scenario}' of an earlier run, which this one would mix with\n"
            "    give an empty database: what is in one of yours is never deleted"
        )
    tables = conn.execute(
        "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace NOT IN "
        "(SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema', 'pg_toast', 'aquadata'))"
    ).fetchone()
    if setup.is_application():
        if not explicit and not conn.info.dbname.startswith(safety.TEST):
            return (
                f"{shown(url)} has an application's tables and is not called like a test database (test_…)\n"
                "    name it on the command line: --aquadata-database=…"
            )
    elif tables and tables[0]:
        return f"{shown(url)} holds {tables[0]} tables that no run of this plugin made\n    give an empty database"
    try:
        privileges.refuse_to_create(conn, ledger.SCHEMA)
    except AquadataError as error:
        return str(error)
    return ""


def open_built(url: str | None, home: str | None, plan: Plan, fingerprint: str, explicit: bool = True) -> Target | None:
    """Open a database to take away from it what this very run built; None where the embedded server has none for this scenario.

    explicit: whether somebody typed the address for this very run.

    Raises:
        AquadataError: no server, no such database, another run at work in it, it is not known to hold what this run built, or it looks
            like production and is not named in full.
    """
    if url is not None:
        refuse_address(url)
        target = _holding(url, None, plan, fingerprint)
        if refusal := safety.refusal(target.claim, url, shown(url), explicit):
            target.close()
            raise AquadataError(refusal.replace("nothing was written", "nothing was removed"))
        return target
    server = embedded.start(Path(home) if home else None)
    try:
        name = f"aquadata_{plan.simulation.scenario.name}"
        if name in server.databases():
            return _holding(server.url(name), server, plan, fingerprint)
    except BaseException:
        server.release()
        raise
    server.release()
    return None


def _holding(url: str, server: embedded.Server | None, plan: Plan, fingerprint: str) -> Target:
    claim = _claim(url)
    try:
        runs = ledger.runs(claim)
        if not runs:
            raise AquadataError(
                f"{shown(url)} has no ledger of this plugin, so nothing in it is known to be of this scenario; nothing was removed\n"
                "    name the database that the scenario was built in"
            )
        if [run.fingerprint for run in runs] != [fingerprint]:
            raise AquadataError(_other_run(claim, url, plan, runs[0]))
    except BaseException:
        claim.close()
        raise
    return Target(url, server, claim)


def _other_run(conn: Connection, url: str, plan: Plan, run: ledger.RunRow) -> str:
    """Which run is there, wherein it differs from the one asked for, and how to take it away."""
    there = ledger.resolved_scenario(conn, run.fingerprint)
    here = json.loads(plan.simulation.scenario.resolved())
    other = [key for key in here | there if key not in UNBUILT and here.get(key) != there.get(key)]
    if other == ["as_of"]:
        wherein, how = f"as of {there['as_of']}, not {here['as_of']}", f"with --aquadata-set=as_of={there['as_of']}"
    elif other:
        wherein, how = f"with another {', '.join(other[:3])}", "with the scenario and the overrides that built it"
    else:
        wherein, how = "built by another version of this plugin", "with that version, or drop the database"
    return f"{shown(url)} holds scenario '{run.scenario}' {wherein}; nothing was removed\n    wipe it {how}"


def _refuse_role(conn: Connection) -> None:
    """A role called like the ledger's schema would find that schema first on its search path, and put its tables there."""
    row = conn.execute("SELECT current_user, current_setting('search_path') LIKE '%$user%'").fetchone()
    if row == (ledger.SCHEMA, True):
        raise AquadataError(f"the role '{ledger.SCHEMA}' is called like the schema of this plugin\n    connect as another role")


def _claim(url: str) -> Connection:
    """Connect and hold the run; ends what backends of a killed run still do there."""
    conn = connect(url, "session")
    if not claims.take_run(conn):
        row = conn.execute(
            "SELECT pid, clock_timestamp() - backend_start FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = %s AND pid <> pg_backend_pid() ORDER BY 2 DESC",
            (f"{APPLICATION} session",),
        ).fetchone()
        conn.close()
        since = f" for {timedelta(seconds=int(row[1].total_seconds()))}" if row else ""
        raise EnvironmentFault(f"another run has been building {shown(url)}{since}\n    wait for it, or end it and run again")
    claims.end_predecessors(conn, APPLICATION)
    return conn
