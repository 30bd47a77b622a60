"""A password in an address is in nothing that a session prints, writes or leaves in the database."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, sql
from run_farm import TEXT

SECRET = "Gr0ss+geheim"
WRITTEN = "Gr0ss%2Bgeheim"


@pytest.fixture
def secret_url(server_url: str) -> Iterator[str]:
    """An empty database of a role with a password, as an address that holds it."""
    name = f"secret_{uuid.uuid4().hex[:8]}"
    who, where = sql.Identifier(name), sql.Identifier(name)
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(who, sql.Literal(SECRET)))
        conn.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(where, who))
    parts = conninfo.conninfo_to_dict(server_url)
    try:
        yield f"postgresql://{name}:{WRITTEN}@{parts['host']}:{parts['port']}/{name}"
    finally:
        with psycopg.connect(server_url, autocommit=True) as conn:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(where))
            conn.execute(sql.SQL("DROP ROLE {}").format(who))


def left_by(pytester: pytest.Pytester, *results: pytest.RunResult) -> Iterator[tuple[str, str]]:
    """All that sessions printed and wrote."""
    for result in results:
        yield f"printed by the session that ended with {result.ret}", result.stdout.str() + result.stderr.str()
    for file in Path(pytester.path).rglob("*"):
        if file.is_file():
            yield str(file), file.read_bytes().decode("utf-8", "replace")


def test_nothing_holds_the_password(pytester: pytest.Pytester, secret_url: str) -> None:
    (pytester.path / "scenarios").mkdir()
    (pytester.path / "scenarios" / "small.yaml").write_text(TEXT + "  wrong:\n    rows: SELECT nothing\n")
    everything = (
        "--aquadata-json=farm.json",
        "--aquadata-html=farm.html",
        "--aquadata-summary=farm.md",
        "--aquadata-save=kept.json",
        "--aquadata-log-dir=logs",
        "--junitxml=farm.xml",
        "-vv",
        "--showlocals",
    )

    def run(url: str, *more: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess("--aquadata=small", f"--aquadata-database={url}", *more, timeout=180)

    built = run(secret_url, *everything, "-n", "2", "--dist", "load")
    assert built.ret == 1, "a criterion of the scenario's own is wrong"
    other = run(secret_url, "--aquadata-set=seed=2")
    wiping = run(secret_url, "--aquadata-set=seed=2", "--aquadata-wipe")
    refused = run(secret_url.replace(WRITTEN, f"{WRITTEN}x"), *everything)
    unknown = run(secret_url.replace("@", "@nowhere.invalid,"))
    malformed = run(secret_url.replace(WRITTEN, f"Gr0ss@geheim:{SECRET}"))
    port = run(secret_url.replace(WRITTEN, f"{SECRET}/geheim"))
    assert {other.ret, wiping.ret, malformed.ret, port.ret} == {4}
    found = 0
    for where, text in left_by(pytester, built, other, wiping, refused, unknown, malformed, port):
        found += 1
        for line in text.splitlines():
            # the tests' own echo of what they run
            if not line.startswith("running: "):
                assert not any(word in line for word in (SECRET, WRITTEN, "geheim")), f"{where}: {line}"
    assert found > 7 + 6
    with psycopg.connect(secret_url) as conn:
        tables = [name for (name,) in conn.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'aquadata'")]
        assert tables
        for table in tables:
            assert not [row for (row,) in conn.execute(f"SELECT t::text FROM aquadata.{table} t".encode()) if "geheim" in row]
        assert not conn.execute("SELECT FROM pg_stat_activity WHERE application_name LIKE '%geheim%'").fetchall()
