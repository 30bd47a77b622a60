"""`python -m pytest_aquadata start|stop|status|recompute|load`: the embedded PostgreSQL by hand, growth analysis, data sets.

A pytest session stops the server it has started, and leaves the data. `start` brings the server back and keeps it, so
that the built databases can be looked at; a pytest session meanwhile uses it and leaves it running. `stop` ends that.
`status` exits with 0 when the server runs and with 3 when it does not, as pg_ctl does.

`recompute URL [BATCH ...]` works out the daily states of all batches, or of those named, from what else the database holds, and puts them
in place of those that are there.

`load PLACE URL` copies a data set, as ``--aquadata-to=parquet:PLACE`` wrote it, into an empty database.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from pytest_aquadata.analysis.recompute import recompute
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load import embedded
from pytest_aquadata.load.home import find_home

_NOT_RUNNING = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pytest_aquadata", description="The embedded PostgreSQL by hand, growth analysis, data sets."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="start|stop|status|recompute|load")
    for name, text in (
        ("start", "start the server, keep it running, and print its databases"),
        ("stop", "stop it, or let the running pytest session that uses it do so at its end"),
        ("status", "say whether it runs, and print its databases"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--home", type=Path, metavar="PATH", help="the home folder (default: $AQUADATA_HOME, else the system's)")
    text = "work out the daily states of a database again, from its events, samples, transfers, temperatures and scenarios"
    command = commands.add_parser("recompute", help=text, description=text)
    command.add_argument("url", metavar="URL", help="the database (postgresql://…)")
    command.add_argument("batches", nargs="*", metavar="BATCH", help="batch numbers (default: all)")
    text = "copy a Parquet data set into an empty database"
    command = commands.add_parser("load", help=text, description=text)
    command.add_argument("place", metavar="PLACE", help="the data set: a folder, or what fsspec opens (s3://bucket/folder)")
    command.add_argument("url", metavar="URL", help="the database (postgresql://…)")
    options = parser.parse_args(arguments)
    try:
        if options.command == "recompute":
            return _recompute(options.url, options.batches)
        if options.command == "load":
            return _load(options.place, options.url)
        return {"start": _start, "stop": _stop, "status": _status}[options.command](options.home)
    except AquadataError as error:
        print(error, file=sys.stderr)
        return 1


def _start(home: Path | None) -> int:
    server = embedded.start(home)
    try:
        server.keep()
    finally:
        server.release()
    _describe(server)
    return 0


def _stop(home: Path | None) -> int:
    server = embedded.running(home)
    if server is None:
        print(f"not running ({find_home(home)})")
        return 0
    server.keep(False)
    if server.stop_if_unused():
        print(f"stopped ({server.home})")
    else:
        users = server.users()
        print(f"in use by {users} pytest session{'s'[: users > 1]}: it stops when the last of them ends")
    return 0


def _status(home: Path | None) -> int:
    server = embedded.running(home)
    if server is None:
        print(f"not running ({find_home(home)})")
        return _NOT_RUNNING
    _describe(server)
    return 0


def _describe(server: embedded.Server) -> None:
    users = server.users()
    kept = "runs until it is stopped" if server.is_kept() else "stops with the last pytest session"
    print(f"PostgreSQL {server.major} in {server.home}, port {server.port}: {kept}; sessions using it now: {users}")
    for name, size in server.databases().items():
        print(f"  {size / 1e6:10,.1f} MB  {server.url(name)}")


def _recompute(url: str, batches: Sequence[str]) -> int:
    started = time.perf_counter()
    try:
        with psycopg.connect(url) as conn:
            stored = recompute(conn, batches or None)
    except psycopg.Error as error:
        raise AquadataError(" ".join(str(error).split())) from error
    print(f"{sum(stored.values()):,} states of {len(stored)} batches in {time.perf_counter() - started:.1f} s")
    return 0


def _load(place: str, url: str) -> int:
    # what needs the parquet extra is imported when it is asked for
    from pytest_aquadata.farm import setup
    from pytest_aquadata.lake.target import PREFIX, address

    started = time.perf_counter()
    where = address(PREFIX + place.removeprefix(PREFIX)).removeprefix(PREFIX)
    setup.configure(url)
    from pytest_aquadata.lake.restore import counted, load_into
    from pytest_aquadata.lake.store import Store

    try:
        rows = load_into(Store(where), url)
    except psycopg.Error as error:
        raise AquadataError(" ".join(str(error).split())) from error
    print(f"{counted(rows)} in {time.perf_counter() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
