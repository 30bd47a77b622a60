"""What looks like production is written to only where its address is typed in full, and no address is printed with a password."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import conninfo, sql
from run_farm import Databases

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.run import connect
from pytest_aquadata.load.safety import production
from pytest_aquadata.load.shown import refuse_address, shown
from pytest_aquadata.load.target import open_built, open_target


@pytest.mark.parametrize(
    ("host", "name", "why"),
    [
        ("localhost", "aquamind_prod", "its name has 'prod' in it"),
        ("localhost", "AquaMind-Production2", "its name has 'production' in it"),
        ("db1.live.example.org", "aquamind", "its host has 'live' in it"),
        ("prd-2", "test_aquamind", "its host has 'prd' in it"),
        ("localhost", "test_aquamind_production", ""),
        ("localhost", "reproduction", ""),
        ("olive.example.org", "products_delivered", ""),
        ("/var/run/postgresql", "aquamind", ""),
    ],
)
def test_what_looks_like_production(host: str, name: str, why: str) -> None:
    assert production(host, name) == why


@pytest.fixture
def prod_url(server_url: str) -> Iterator[str]:
    """An empty database that is called like one of production."""
    name = "farm_prod_of_tests"
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield conninfo.make_conninfo(server_url, dbname=name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as conn:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_it_is_written_to_only_when_named_in_full(prod_url: str, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    target = open_target(prod_url, None, databases.plan, databases.fingerprint, False, explicit=False)
    assert "looks like production: its name has 'prod' in it; nothing was written" in target.refusal
    assert "--aquadata-database=postgresql://host/name" in target.refusal
    target.close()
    # typed, but the environment and not the address says where
    parts = conninfo.conninfo_to_dict(prod_url)
    monkeypatch.setenv("PGHOST", str(parts.pop("host")))
    target = open_target(conninfo.make_conninfo("", **parts), None, databases.plan, databases.fingerprint, False, explicit=True)
    assert "looks like production" in target.refusal
    target.close()
    target = open_target(prod_url, None, databases.plan, databases.fingerprint, False, explicit=True)
    assert target.refusal == ""
    target.close()


def test_it_is_wiped_only_when_named_in_full(prod_url: str, databases: Databases) -> None:
    from pytest_aquadata.load import ledger

    with connect(prod_url, "tests") as conn:
        ledger.create(conn)
        ledger.enter_run(conn, databases.fingerprint, databases.plan)
    with pytest.raises(AquadataError, match="looks like production: its name has 'prod' in it; nothing was removed"):
        open_built(prod_url, None, databases.plan, databases.fingerprint, explicit=False)
    target = open_built(prod_url, None, databases.plan, databases.fingerprint, explicit=True)
    assert target is not None
    target.close()


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        ("postgresql://me:s3cret@host:5432/name", "postgresql://me@host:5432/name"),
        (
            "postgresql://me:s3@cret@host/name?sslpassword=s3cret&sslmode=require",
            "postgresql://me@host/name?sslpassword=***&sslmode=require",
        ),
        ("postgresql://me:s3/cret@host/name", "postgresql://me@host/name"),
        ("postgresql://host/name?user=me&password=s3cret", "postgresql://host/name?user=me&password=***"),
        ("user=me dbname=name host=host password=s3cret", "user=me dbname=name host=host"),
        ("host=host password='s3cret", "the address given"),
    ],
)
def test_no_password_in_what_is_printed(url: str, printed: str) -> None:
    assert shown(url) == printed


@pytest.mark.parametrize(
    "url",
    ["postgresql://me:s3@cret@host/name", "postgresql://me:s3/cret@host/name", "host=h password='s3cret", "postgresql://me:s3%cret@h/n"],
)
def test_what_is_no_address_is_refused_without_quoting_it(url: str) -> None:
    for refused in (lambda: refuse_address(url), lambda: connect(url, "tests")):
        with pytest.raises(AquadataError) as caught:
            refused()
        assert "cret" not in str(caught.value)
        assert "%40" in str(caught.value)
