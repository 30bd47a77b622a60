"""Opening a database: recognised, claimed, refused with a message; and whether there is room."""

from __future__ import annotations

import re
import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo
from run_farm import Databases, plan_of

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load import embedded, ledger
from pytest_aquadata.load.disk import check_room
from pytest_aquadata.load.run import Run
from pytest_aquadata.load.shown import shown
from pytest_aquadata.load.target import Target, open_target

Usage = namedtuple("Usage", "total used free")


def _open(databases: Databases, url: str, fingerprint: str | None = None, create: bool = False) -> Target:
    return open_target(url, None, databases.plan, fingerprint or databases.fingerprint, create)


def test_an_empty_database_and_one_that_holds_this_run(databases: Databases, finished_url: str) -> None:
    for url in (databases.new(), finished_url):
        target = _open(databases, url)
        assert (target.url, target.server, target.replace) == (url, None, False)
        target.close()


def _refusal(databases: Databases, url: str, fingerprint: str | None = None, create: bool = False) -> str:
    target = _open(databases, url, fingerprint, create)
    target.close()
    assert not target.replace
    return target.refusal


@pytest.mark.parametrize("create", [False, True])
def test_anything_else_is_not_to_be_written_to(databases: Databases, finished_url: str, create: bool) -> None:
    assert "holds scenario 'farm' of an earlier run" in _refusal(databases, finished_url, "another", create)
    assert ("is never deleted" in _refusal(databases, finished_url, create=create)) is create
    strange = databases.new()
    with psycopg.connect(strange, autocommit=True) as conn:
        conn.execute("CREATE SCHEMA shop; CREATE TABLE shop.customer (id int)")
    assert "holds 1 tables that no run of this plugin made" in _refusal(databases, strange, create=create)


def test_a_run_writes_nothing_where_it_may_not(databases: Databases, run_of: Callable[..., Run]) -> None:
    url = databases.new()
    run = run_of(url, refusal="not there")
    for write in (run.prepare, lambda: run.build(1)):
        with pytest.raises(AquadataError, match="not there"):
            write()
    assert not ledger.exists(run.conn)


def test_two_sessions(databases: Databases) -> None:
    url = databases.new()
    target = _open(databases, url)
    with pytest.raises(AquadataError, match=r"another run has been building .* for 0:00:\d\d"):
        _open(databases, url)
    target.claim.execute("SELECT 1")
    target.close()


def test_no_password_is_shown() -> None:
    for url, text in {
        "postgresql://me:s3cr3t@host:5/db": "postgresql://me@host:5/db",
        "postgresql://me:s3:cr@host/db?sslmode=require": "postgresql://me@host/db?sslmode=require",
        "postgresql://host/db?password=s3cr3t&user=me": "postgresql://host/db?password=***&user=me",
        "postgresql://host/db?user=me&sslpassword=s3cr3t": "postgresql://host/db?user=me&sslpassword=***",
        "host=h password=s3cr3t dbname=db": "host=h dbname=db",
        "host=h password='s3 cr3t' dbname=db": "host=h dbname=db",
    }.items():
        assert conninfo.conninfo_to_dict(shown(url)) == conninfo.conninfo_to_dict(text)
        assert "s3" not in shown(url)


def test_a_disk_that_is_too_small_is_found_before_anything_is_made(
    databases: Databases, tmp_path: Path, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Server:
        """An embedded server, as far as opening a database on it goes."""

        data_dir = tmp_path
        released = False

        def url(self, database: str = "postgres") -> str:
            return conninfo.make_conninfo(server_url, dbname=database) if database != "postgres" else server_url

        def release(self) -> None:
            self.released = True

    server = Server()
    plan = plan_of(tmp_path, "name=disk_that_is_too_small")
    monkeypatch.setattr(embedded, "start", lambda home: server)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**9, 10**9 - 5_000_000, 5_000_000))
    with pytest.raises(AquadataError) as refusal:
        open_target(None, None, plan, "x", False)
    assert re.match(r"disk_that_is_too_small needs about \d+ MB on disk, .* has 5 MB free\n", str(refusal.value))
    assert server.released
    with psycopg.connect(server_url) as conn:
        assert not conn.execute("SELECT 1 FROM pg_database WHERE datname LIKE 'aquadata_disk%'").fetchall()
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**12, 0, 10**12))
    check_room(tmp_path, plan)
