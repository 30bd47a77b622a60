"""The embedded PostgreSQL: a server of our own, shared by every pytest session of a home folder.

`start` joins the server that runs, or starts it, or makes it: always one, however many sessions ask at once and
whatever was killed before. Each session holds a place until it calls `Server.release`; the last one stops the server,
unless `python -m pytest_aquadata start` has asked for one that stays. The data stay in any case. Where the home folder
is and what it holds says `pytest_aquadata.load.home`; what a crash can and cannot lose says
`pytest_aquadata.load.tuning`.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from pytest_aquadata.errors import AquadataError, EnvironmentFault
from pytest_aquadata.load import binaries, filelock
from pytest_aquadata.load.cluster import START_SECONDS, Cluster
from pytest_aquadata.load.home import Home, find_home, make_folder, platform_home, write

# Longer than a start may take: who waits must outlast who works.
_LOCK_SECONDS = START_SECONDS + 60


@dataclass(frozen=True)
class Server:
    """A running embedded server, as one session sees it."""

    port: int
    major: int
    started_here: bool  # whether this very call started it; False: it was running
    cluster: Cluster = field(repr=False)
    _place: filelock.FileLock | None = field(repr=False)

    @property
    def home(self) -> Path:
        """The home folder."""
        return self.cluster.home.root

    @property
    def data_dir(self) -> Path:
        """PostgreSQL's data directory."""
        return self.cluster.home.data

    def url(self, database: str = "postgres") -> str:
        """The libpq URL of a database, for psql, psycopg and Django; it names a password file and shows no password."""
        return self.cluster.url(database, self.port)

    def databases(self) -> dict[str, int]:
        """The databases and their sizes in bytes, by name; templates are left out."""
        query = "SELECT datname, pg_database_size(oid) FROM pg_database WHERE NOT datistemplate ORDER BY datname"
        with psycopg.connect(self.url(), autocommit=True) as conn:
            return dict(conn.execute(query).fetchall())

    def how_to_start(self) -> str:
        """The shell command that starts this server again, by hand and to stay."""
        words = [sys.executable, "-m", "pytest_aquadata", "start"]
        if self.home != platform_home().resolve():
            words += ["--home", str(self.home)]
        return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)

    def keep(self, wanted: bool = True) -> None:
        """Have this run of the server outlive its sessions, or (False) end with the last of them."""
        with _locked(self.cluster.home):
            if wanted:
                write(self.cluster.home.keep_file, self.cluster.run_id())
            else:
                self.cluster.home.keep_file.unlink(missing_ok=True)

    def is_kept(self) -> bool:
        """Whether `keep` was asked for in this run; what an earlier run was asked for is over."""
        try:
            return self.cluster.home.keep_file.read_text() == self.cluster.run_id()
        except FileNotFoundError:
            return False

    def users(self) -> int:
        """How many sessions hold a place."""
        with _locked(self.cluster.home):
            return filelock.held(self.cluster.home.users)

    def release(self) -> bool:
        """Give up this session's place, and stop the server when nobody else needs it. Returns whether it was stopped.

        Close the session's connections first. A second call does nothing more.
        """
        if self._place:
            with _locked(self.cluster.home):
                self._place.release(remove=True)
        return self.stop_if_unused()

    def stop_if_unused(self) -> bool:
        """Stop the server unless a session holds a place (this one too) or it is to be kept; say whether it stopped."""
        with _locked(self.cluster.home):
            if self.is_kept() or filelock.held(self.cluster.home.users) or self.cluster.running_port() is None:
                return False
            self.cluster.stop()
            return True


def start(home: Path | None = None) -> Server:
    """Join the embedded server of `home`, started and made first when need be, and hold a place on it.

    Args:
        home: the home folder; None: AQUADATA_HOME, else the platform's.

    Raises:
        EnvironmentFault: there is no PostgreSQL to run, or it cannot run there; the message says what would help.
    """
    root = find_home(home)
    with _explained(root):
        found = binaries.find()
        place = Home(root, found.major)
        make_folder(root)
        with _locked(place):
            account = place.account()
            if account:
                account.must_enter(root)
            cluster = Cluster(place, found.reachable(root), account)
            port = cluster.running_port()
            started = port is None
            if port is None:
                port = cluster.start()
            make_folder(place.users)
            mine = filelock.try_lock(place.users / f"{os.getpid()}-{uuid.uuid4().hex[:8]}")
            return Server(port, place.major, started, cluster, mine)


def running(home: Path | None = None) -> Server | None:
    """The embedded server of `home`, without a place on it; None when it does not run. Starts and makes nothing."""
    root = find_home(home)
    with _explained(root):
        found = binaries.find()
        place = Home(root, found.major)
        if not place.data.exists():
            return None
        with _locked(place):
            cluster = Cluster(place, found.reachable(root), place.account())
            port = cluster.running_port()
            return Server(port, place.major, False, cluster, None) if port is not None else None


@contextmanager
def _locked(place: Home) -> Iterator[None]:
    with filelock.locked(place.lock, _LOCK_SECONDS):
        yield


@contextmanager
def _explained(root: Path) -> Iterator[None]:
    """Whatever keeps the server from running is the environment's; what the file system refuses is put into words that name the way out."""
    try:
        yield
    except AquadataError as error:
        raise EnvironmentFault(str(error)) from error
    except OSError as error:
        where = error.filename or root
        raise EnvironmentFault(
            f"cannot use {root} for the embedded PostgreSQL: {error.strerror or error} ({where})\n"
            f"Name another folder in AQUADATA_HOME, or a server of your own with --aquadata-database."
        ) from error
