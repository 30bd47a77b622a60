"""On the embedded server: another run is built anew, a killed server ends in a message, and what follows is whole."""

from __future__ import annotations

from pathlib import Path

import psycopg
from projects import Project
from run_farm import ITEMS, Databases, contents, digest_in

from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT
from pytest_aquadata.load import embedded

KILL = """
import os, pathlib, signal
from pytest_aquadata.load import ledger

_built = ledger.batch_built

def batch_built(conn, *rest):
    marker = pathlib.Path(__file__).with_name("accident")
    if not marker.exists():
        marker.touch()
        folder = conn.execute("SHOW data_directory").fetchone()[0]
        os.kill(int((pathlib.Path(folder) / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        conn.execute("SELECT pg_sleep(20)")
    _built(conn, *rest)

def pytest_configure(config):
    ledger.batch_built = batch_built
"""


def test_the_life_of_a_database_on_the_embedded_server(project: Project, databases: Databases, home: Path) -> None:
    project.write("conftest.py", KILL)
    killed = project.run("-n", "2")
    text = killed.stdout.str() + killed.stderr.str()
    assert killed.ret == EXIT_ENVIRONMENT
    assert "INTERNALERROR" not in text
    assert "Traceback" not in text
    assert "to go on  pytest --aquadata=farm" in text

    whole = project.run("-n", "2")
    assert whole.ret == 0
    assert digest_in(whole.stdout.str()) == databases.digest
    whole.stdout.fnmatch_lines(["connect   postgresql://*/aquadata_farm?*", "start     *pytest_aquadata start*"])
    assert embedded.running(home) is None

    again = project.run("-q")
    again.assert_outcomes(passed=len(ITEMS))

    # to look at another run costs nobody a finished build
    project.run("--aquadata-set=seed=2", "-k", "verify").assert_outcomes(failed=4, deselected=5)
    server = embedded.start(home)
    try:
        assert contents(server.url("aquadata_farm"), databases.plan.all_tables) == databases.finished_contents
        other = project.run("--aquadata-set=seed=2")
        assert other.ret == 0
        assert digest_in(other.stdout.str()) != databases.digest
        anew = project.run("--aquadata-create", "-k", "prepare")
        assert "0 of 3 batches" in anew.stdout.str()
        with psycopg.connect(server.url("aquadata_farm")) as conn:
            assert conn.execute("SELECT count(*) FROM batch_batch").fetchone() == (0,)
    finally:
        server.release()
