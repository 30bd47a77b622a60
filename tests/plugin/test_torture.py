"""kill -9 at random points: of workers, of the controller, of the server. What is built in the end is what an undisturbed build makes.

`AQUADATA_TORTURE` is the number of kills, more in the nightly form. `AQUADATA_TORTURE_SEED` repeats the points of a run that failed: its
seed is in the message. A point is a moment, so that a repetition on another machine hits another statement.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from projects import Project
from psycopg import sql
from run_farm import NIGHTLY, contents, digest_in, schema

from pytest_aquadata.load import deferred, embedded
from pytest_aquadata.load.process import is_postmaster

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds workers in /proc")

KILLS = int(os.environ.get("AQUADATA_TORTURE") or (30 if NIGHTLY else 3))
SEED = int(os.environ.get("AQUADATA_TORTURE_SEED", random.SystemRandom().randrange(10**6)))
SECONDS = 180
SCENARIO = """\
description: Many short batches, built in a second or two
as_of: 2025-06-01
eggs: 2000..3000
containers_per_stage: 2
rings_per_batch: 2
readings: {times: ["12:00"]}
growth_samples: {every: 28 days, fish: 3}
streams: {projection: false}
geographies:
  - name: Faroe Islands
    ages: [100, 80, 60, 40, 20]
  - name: Scotland
    ages: [90, 70, 50, 30, 10]
criteria:
  rows:
  orphans:
"""
ASIDE = """
from pytest_aquadata.load import aside

aside.WORTH_IT = 0
"""
"""Indexes and keys are put aside for these few rows too."""


class Ordeal:
    """A project whose sessions are disturbed. All that happened is in `story`, for the message."""

    def __init__(self, project: Project, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.project, self.home = project, home
        self.random = random.Random(SEED)
        self.story = [f"AQUADATA_TORTURE_SEED={SEED} AQUADATA_TORTURE={KILLS}"]
        project.write("scenarios/farm.yaml", SCENARIO)
        project.write("conftest.py", ASIDE)
        self.temporary = project.path / "temporary"
        self.temporary.mkdir()
        monkeypatch.setenv("TMPDIR", str(self.temporary))
        self.log = project.path / "log"

    @contextmanager
    def session(self) -> Iterator[subprocess.Popen[bytes]]:
        """pytest -n 2 on the scenario."""
        words = [sys.executable, "-m", "pytest", "--aquadata=farm", "-n", "2", "-p", "no:cacheprovider"]
        with self.log.open("wb") as log:
            process = subprocess.Popen(words, cwd=self.project.path, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def undisturbed(self) -> tuple[str, float]:
        """A whole session. Returns its digest and the seconds that it took."""
        started = time.monotonic()
        with self.session() as process:
            code = process.wait(SECONDS)
        text = self.log.read_text()
        assert code == 0, self.tell(text)
        assert "Traceback" not in text, self.tell(text)
        return digest_in(text), time.monotonic() - started

    def disturbed(self, seconds: float) -> None:
        """A session of which something is killed within `seconds`, or that is through before."""
        victim, at = self.random.choice(["worker", "worker", "controller", "server"]), self.random.uniform(0, seconds)
        with self.session() as process:
            time.sleep(at)
            # who is not there yet is waited for: a session has workers and a server for most of its time
            while (pid := self._pid(victim, process.pid)) is None and process.poll() is None:
                time.sleep(0.02)
            self.story.append(f"{at:.2f} s: {victim} {pid or 'not there'}")
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            code = process.wait(SECONDS)
        text = self.log.read_text()
        if victim == "controller" or "gateway_bootstrap" in text:
            return  # a worker that dies before it has said its first word is xdist's own end, too
        assert "INTERNALERROR" not in text, self.tell(text)
        if victim == "worker":
            assert code == 0, self.tell(text)

    def _pid(self, victim: str, controller: int) -> int | None:
        if victim == "controller":
            return controller
        if victim == "server":
            for file in self.home.glob("pg*/data/postmaster.pid"):
                # that of a killed server stays, and its number may be anybody's by now
                if (text := file.read_text().split()) and is_postmaster(int(text[0]), file.parent):
                    return int(text[0])
            return None
        children = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, parent, *_ = stat.read_text().rpartition(")")[2].split()
                program, *words = (stat.parent / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            # execnet starts a worker as python -c, and the embedded server's programs are none of Python
            if int(parent) == controller and state != "Z" and b"python" in program and b"-c" in words:
                children.append(int(stat.parent.name))
        return self.random.choice(sorted(children)) if children else None

    def tell(self, text: str = "") -> str:
        return "\n".join([*self.story, text])


def _drop_and_copy(server_url: str, name: str, template: str | None) -> None:
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        if template:
            conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def test_killed_at_random_points(project: Project, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ordeal = Ordeal(project, home, monkeypatch)
    print(ordeal.story[0])
    # what an undisturbed build makes; prepared databases save the time of the migrations later
    assert project.run("-k", "prepare").ret == 0
    server = embedded.start(home)
    try:
        _drop_and_copy(server.url(), "prepared", "aquadata_farm")
    finally:
        server.release()
    digest, seconds = ordeal.undisturbed()
    server = embedded.start(home)
    try:
        url = server.url("aquadata_farm")
        with psycopg.connect(url) as conn:
            query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
            # Django's own note of its migrations holds the time
            tables = tuple(name for (name,) in conn.execute(query) if name != "django_migrations")
        whole, catalogue = contents(url, tables), schema(url)
    finally:
        server.release()

    left = KILLS
    while left:
        template = None if ordeal.random.random() < 0.2 else "prepared"
        ordeal.story.append(f"from {template or 'nothing'}")
        server = embedded.start(home)
        try:
            _drop_and_copy(server.url(), "aquadata_farm", template)
        finally:
            server.release()
        while left:
            ordeal.disturbed(seconds * (0.9 if template else 1.3))
            left -= 1
            if ordeal.random.random() < 0.5:
                break
        found, _ = ordeal.undisturbed()
        assert found == digest, ordeal.tell()
        assert embedded.running(home) is None, ordeal.tell()
        assert list(ordeal.temporary.iterdir()) == [], ordeal.tell()
        server = embedded.start(home)
        try:
            with psycopg.connect(url := server.url("aquadata_farm")) as conn:
                others = "SELECT application_name FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid()"
                assert conn.execute(others).fetchall() == [], ordeal.tell()
                assert deferred.pending(conn) == 0, ordeal.tell()
            assert schema(url) == catalogue, ordeal.tell()
            differing = {table for table, rows in contents(url, tables).items() if rows != whole[table]}
            assert not differing, ordeal.tell()
        finally:
            server.release()
    print(ordeal.tell())
