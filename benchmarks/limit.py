"""What psql alone needs for the rows of a build: the very same COPY bytes into the same schema, then the same indexes and keys.

The bytes are written to files first. psql starts from a database that this package has prepared (tables, world, master data, feed stock)
and bared of its indexes and keys, as a build does; as many psql processes as the build has workers load batch by batch, a transaction each,
the longest first, and then make what was taken away, the largest table first. No part of this package makes rows or statements meanwhile.
"""

from __future__ import annotations

import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sessions import Bench

from pytest_aquadata.load import deferred, definitions
from pytest_aquadata.load.binaries import find
from pytest_aquadata.load.copybinary import COPY_HEADER, COPY_TRAILER, encode
from pytest_aquadata.load.spread import Group, work
from pytest_aquadata.plan.numbering import Plan


@dataclass(frozen=True)
class Written:
    """COPY files of all batches, a psql script for each batch, and what it took to make them on one core.

    making, encoding: seconds to make the rows, and to encode them; writing the files is in neither.
    """

    scripts: list[Path]
    rows: int
    size: int
    making: float
    encoding: float


def write(conn: psycopg.Connection[Any], plan: Plan, ids: Any, folder: Path) -> Written:
    """Write the COPY bytes of every batch, made by the encoder that the build uses."""
    from pytest_aquadata.load.build import Loader, rows_of

    loader = Loader(conn, ids)
    scripts, total, size, encoding, begun, aside = [], 0, 0, 0.0, time.perf_counter(), 0.0
    order = sorted(plan.simulation.batches, key=lambda batch: -int(plan.counts[batch.number - 1].sum()))
    for batch in order:
        script = [b"BEGIN;"]
        for number, (table, chunks) in enumerate(groupby(rows_of(plan, batch), key=lambda rows: rows.table)):
            file = folder / f"{batch.name}-{number:02}-{table}.copy"
            names: list[str] = []
            with file.open("wb") as out:
                out.write(COPY_HEADER)
                for rows in chunks:
                    names = names or list(rows.columns)
                    at = time.perf_counter()
                    data = encode(rows, loader.layout(table), ids)
                    encoded = time.perf_counter()
                    out.write(data)
                    encoding += encoded - at
                    aside += time.perf_counter() - at
                    total, size = total + rows.count, size + len(data)
                out.write(COPY_TRAILER)
            columns = sql.SQL(", ").join(map(sql.Identifier, names)).as_bytes(conn)
            script.append(b"\\copy %s (%s) FROM '%s' WITH (FORMAT binary)" % (sql.Identifier(table).as_bytes(conn), columns, bytes(file)))
        script.append(b"COMMIT;\n")
        scripts.append(folder / f"{batch.name}.sql")
        scripts[-1].write_bytes(b"\n".join(script))
    return Written(scripts, total, size, time.perf_counter() - begun - aside, encoding)


class Psql:
    """One psql process, which is given one thing after the other to do."""

    def __init__(self, url: str) -> None:
        words = [find().tool("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", url]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True)

    def do(self, script: str) -> None:
        """Run statements, or commands of psql's own, and wait for the end of them."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{script}\n\\echo done\n")
        self._process.stdin.flush()
        said = []
        for line in self._process.stdout:
            if line == "done\n":
                return
            said.append(line)
        raise SystemExit(f"psql ended: {''.join(said)}")

    def cancel(self) -> None:
        """End the process; what it does is rolled back."""
        self._process.kill()

    def close(self) -> None:
        """Have the process end."""
        self._process.communicate("\\q\n")


@dataclass(frozen=True)
class Limit:
    """Seconds by the clock on the wall."""

    load: float
    indexes: float
    analyze: float


def measure(on: Bench, prepared: str, built: str, plan: Plan, written: Written, workers: int) -> Limit:
    """Load the bytes into a copy of the database `prepared`, and hold the result against the database `built`."""
    name = "benchmark_limit"
    url = on.new(name, prepared)
    with psycopg.connect(url, autocommit=True) as conn:
        deferred.set_aside(conn, plan.tables)
    on.settle()
    sessions = [Psql(url) for _ in range(workers)]
    try:
        load = _timed(lambda: _share([f"\\i '{script}'" for script in written.scripts], sessions))
        with psycopg.connect(url) as conn:
            entries = definitions.recorded(conn)
        indexes = _timed(lambda: _restore(entries, sessions))
        analyze = _timed(lambda: _share([f'ANALYZE "{table}";' for table in plan.all_tables], sessions))
    finally:
        for session in sessions:
            session.close()
    _compare(on.server.url(built), url, plan)
    on.drop(name)
    return Limit(load, indexes, analyze)


def _timed(what: Callable[[], None]) -> float:
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


def _share(scripts: Sequence[str], sessions: Sequence[Psql]) -> None:
    """Whoever is free takes the next."""
    left = deque(scripts)

    def serve(session: Psql) -> None:
        while left:
            try:
                script = left.popleft()
            except IndexError:
                return
            session.do(script)

    with ThreadPoolExecutor(len(sessions)) as pool:
        list(pool.map(serve, sessions))


def _restore(entries: Sequence[definitions.Definition], sessions: Sequence[Any]) -> None:
    """Indexes side by side, a table's keys behind its indexes, as many at once as there are sessions."""
    keys = [entry for entry in entries if entry.kind == "foreign key"]
    sessions[0].do("\n".join(f"{key.create_statement};" for key in keys))
    groups = []
    for _, found in groupby(entries, key=lambda entry: (entry.table_schema, entry.table_name)):
        mine = list(found)
        indexes = [entry.create_statement for entry in mine if entry.kind == "index"]
        validate = [entry.validate_statement for entry in mine if entry.kind == "foreign key" and entry.validate_statement]
        groups.append(Group([partial(_do, statement) for statement in indexes], [partial(_do, statement) for statement in validate]))
    work(groups, sessions)


def _do(statement: str, session: Any) -> None:
    session.do(f"{statement};")


def _compare(built: str, loaded: str, plan: Plan) -> None:
    """Both databases hold as many rows in every table, and the same indexes, valid keys and statistics; else nothing is compared."""
    counts = "SELECT {}".format(", ".join(f'(SELECT count(*) FROM "{table}")' for table in plan.tables))
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    keys = "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' ORDER BY 1, 2"
    analyzed = "SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public' AND tablename = ANY(%s) ORDER BY 1"
    with psycopg.connect(built) as one, psycopg.connect(loaded) as other:
        for query, values in ((counts, None), (indexes, None), (keys, None), (analyzed, [list(plan.all_tables)])):
            if one.execute(query.encode(), values).fetchall() != other.execute(query.encode(), values).fetchall():
                raise SystemExit(f"psql's database is not that of the build:\n{query}")
