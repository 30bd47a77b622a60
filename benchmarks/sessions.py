"""A server of the benchmark's own, and pytest sessions that build on it, as a user runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from memory import FOLDER
from psycopg import sql

from pytest_aquadata.load import embedded

FOREIGN = ("AQUADATA_", "DJANGO_", "PYTEST_")
"""Beginnings of the names of variables that a session must not inherit."""


@dataclass(frozen=True)
class Bench:
    """A folder that goes with the benchmark, and the embedded server in it."""

    folder: Path
    server: embedded.Server

    def new(self, name: str, template: str = "template0") -> str:
        """The address of a new database: empty, or a copy of another one."""
        with psycopg.connect(self.server.url(), autocommit=True) as conn:
            conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.server.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, and give its room back."""
        with psycopg.connect(self.server.url(), autocommit=True) as conn:
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def settle(self) -> None:
        """Have everything written that is to be written, so that no step pays for the one before it."""
        with psycopg.connect(self.server.url(), autocommit=True) as conn:
            conn.execute("CHECKPOINT")
        os.sync()

    def version(self) -> str:
        """The server's version."""
        with psycopg.connect(self.server.url()) as conn:
            (version,) = conn.execute("SHOW server_version").fetchone() or ("",)
        return str(version).split()[0]


@contextmanager
def bench(where: str | None) -> Iterator[Bench]:
    """A bench in a new folder below `where`, removed at the end, however that comes about."""
    folder = Path(tempfile.mkdtemp(prefix="aquadata-benchmark-", dir=where))
    folder.chmod(0o755)  # as root the server runs as an account that has to get here
    try:
        server = embedded.start(folder / "home")
        try:
            yield Bench(folder, server)
        finally:
            server.release()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Session:
    """What a session took: seconds by the clock on the wall, in all and by phase; bytes of the database; peak memory by process."""

    seconds: float
    phases: dict[str, float]
    size: int
    memory: dict[str, int]

    @property
    def worker_memory(self) -> int:
        """The peak of the largest worker."""
        return max(taken for name, taken in self.memory.items() if name != "controller")


def run_pytest(on: Bench, scenario: Path, workers: int, *more: str) -> Session:
    """Build (and verify) a scenario in a session of its own.

    Raises:
        SystemExit: the session failed; shows what it said.
    """
    notes = Path(tempfile.mkdtemp(dir=on.folder))
    words = [sys.executable, "-m", "pytest", "-q", "-p", "memory", "-p", "no:cacheprovider", "-n", str(workers)]
    words += [f"--aquadata={scenario}", f"--aquadata-home={on.server.home}", *more]
    paths = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    # what the environment says of other databases, applications and sessions of pytest has no say either
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    environment |= {FOLDER: str(notes), "PYTHONPATH": os.pathsep.join(paths)}
    on.settle()
    begun = time.perf_counter()
    # in a folder of its own: no project's settings have a say
    done = subprocess.run(words, cwd=notes, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stdout}\n{done.stderr}")
    with psycopg.connect(on.server.url(f"aquadata_{scenario.stem}")) as conn:
        (size,) = conn.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
        (phases,) = conn.execute("SELECT phases FROM aquadata.run").fetchone() or ({},)
    phases = {name: phases[name] for name in ("prepare", "build", "finish", "verify") if name in phases}
    memory = {file.name: int(file.read_text()) for file in sorted(notes.iterdir()) if file.is_file()}
    return Session(seconds, phases, size, memory)
