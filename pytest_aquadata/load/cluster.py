"""One data directory and the postmaster on it: made, started, found running, stopped.

Everything here is called with the home's lock held. What a kill at any moment leaves behind does not matter: a
half-made data directory has another name than a whole one, a pid file counts only while its process is the postmaster
of this very directory, and a server that is still recovering is waited for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.binaries import Binaries
from pytest_aquadata.load.home import HOST, ROLE, Account, Home, make_folder, write
from pytest_aquadata.load.process import free_port, is_alive, is_free, is_postmaster
from pytest_aquadata.load.tuning import machine, settings

START_SECONDS = 600  # a killed server replays up to 8 GB of log before it answers
_LEFTOVER_SECONDS = 60  # for backends of a killed postmaster to notice
_PORT_TRIES = 10
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Cluster:
    """A data directory, the programs for it and the account that runs them."""

    home: Home
    binaries: Binaries
    account: Account | None

    def url(self, database: str, port: int) -> str:
        """A libpq URL without a password in it.

        The environment's PGPASSWORD would be preferred to the password file, and its PGSSLMODE could ask for encryption
        that a server of this machine only does not offer: where they are set the URL overrules them.
        """
        url = f"postgresql://{ROLE}@{HOST}:{port}/{quote(database, safe='')}?passfile={quote(str(self.home.passfile))}"
        if "PGPASSWORD" in os.environ:
            url += "&password="
        if "PGSSLMODE" in os.environ:
            url += "&sslmode=disable"
        return url

    def running_port(self) -> int | None:
        """The port of the postmaster on this data, waited for until it answers; None when there is no postmaster."""
        deadline = time.monotonic() + START_SECONDS
        while (port := self._postmaster_port()) is not None:
            if port and self._answers(port):
                return port
            if time.monotonic() > deadline:
                raise AquadataError(f"the embedded PostgreSQL runs but has not answered for {START_SECONDS} s{self._log_tail()}")
            time.sleep(_POLL_SECONDS)
        return None

    def run_id(self) -> str:
        """Names this run of the postmaster: its pid and its start time."""
        lines = _lines(self.home.pidfile)
        return f"{lines[0]} {lines[2]}" if len(lines) > 2 else ""

    def start(self) -> int:
        """Make the data directory when there is none, start the postmaster, return its port."""
        make_folder(self.home.folder)
        if self.account:
            self.account.must_enter(self.home.folder)
        if self.home.data.exists():
            self._check_data()
        else:
            self._initdb()
        self._drop_stale_pidfile()
        deadline = time.monotonic() + _LEFTOVER_SECONDS
        port = self._preferred_port()
        for _ in range(_PORT_TRIES):
            port = port if port and is_free(port) else free_port()
            write(self.home.port_file, f"{port}\n")
            write(self.home.conf, settings(port, machine(self.home.folder)))
            code, output = self._start_once()
            while code and "pre-existing shared memory block" in self._log() and time.monotonic() < deadline:
                time.sleep(0.5)
                code, output = self._start_once()
            if code == 0:
                try:
                    self._answers(port)  # raises when the password is not the data's
                except AquadataError:
                    self.stop()
                    raise
                return port
            if (joined := self.running_port()) is not None:
                return joined  # left by a starter that was killed just before its server wrote the pid file
            if is_free(port):
                break  # the port was not what it failed on
        raise AquadataError(f"the embedded PostgreSQL did not start: {_last_line(output)}{self._log_tail()}")

    def stop(self) -> None:
        """Stop the postmaster; its clients are disconnected."""
        code, output = self._run("pg_ctl", "stop", "-D", str(self.home.data), "-m", "fast", "-w", "-t", str(START_SECONDS))
        if code and self._postmaster_port() is not None:
            raise AquadataError(f"the embedded PostgreSQL did not stop: {_last_line(output)}{self._log_tail()}")
        self.home.keep_file.unlink(missing_ok=True)

    def _check_data(self) -> None:
        data = self.home.data
        try:
            version = (data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise AquadataError(f"{data} is not a PostgreSQL data directory (it has no PG_VERSION); move it away") from None
        if version != str(self.home.major):
            raise AquadataError(f"{data} belongs to PostgreSQL {version}, not {self.home.major}; it is left as it is")
        if not self.home.passfile.exists():
            raise AquadataError(
                f"{self.home.passfile} is missing: the password of {data} was kept nowhere else.\n"
                f"Put it back, or move {data} away for a new and empty server."
            )

    def _initdb(self) -> None:
        password = self.home.password()
        for left in self.home.folder.glob("making-*"):
            shutil.rmtree(left, ignore_errors=True)
        # A name of its own: an initdb whose parent was killed may still be writing to the last one.
        making = Path(tempfile.mkdtemp(prefix="making-", dir=self.home.folder))
        data, pwfile = making / "data", making / "password"
        data.mkdir(mode=0o700)
        write(pwfile, password + "\n", mode=0o600)
        if self.account:
            making.chmod(0o711)
            for path in (data, pwfile):
                os.chown(path, self.account.uid, self.account.gid)
        arguments = [f"--pgdata={data}", f"--username={ROLE}", f"--pwfile={pwfile}", "--auth=scram-sha-256"]
        arguments += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        if self.home.major >= 17:  # Unicode's upper and lower case, and still the order of bytes, equal on every system
            arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self.home.major >= 18:  # with checksums the first reading after a load writes every page to the log
            arguments += ["--no-data-checksums"]
        code, output = self._run("initdb", *arguments, cwd=making)
        if code:
            shutil.rmtree(making, ignore_errors=True)
            raise AquadataError(f"initdb failed in {self.home.folder}:\n{output.strip()}")
        with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\ninclude = '../aquadata.conf'\n# Settings of your own, below this line, win.\n")
        data.rename(self.home.data)
        shutil.rmtree(making)

    def _start_once(self) -> tuple[int, str]:
        log = self.home.log
        if log.exists():
            log.replace(log.with_name("log.old"))
        log.touch(mode=0o600)
        if self.account:
            os.chown(log, self.account.uid, self.account.gid)
        arguments = ("-D", str(self.home.data), "-l", str(log), "-w", "-t", str(START_SECONDS))
        return self._run("pg_ctl", "start", *arguments)

    def _run(self, tool: str, *arguments: str, cwd: Path | None = None) -> tuple[int, str]:
        """Exit code and output of a program, run as the server's account."""
        # PGDATA, PGPORT and their like would change what the programs do; C keeps their messages as this module reads
        # them.
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        env |= {"LC_ALL": "C", "LANG": "C"}
        command = [str(self.binaries.tool(tool)), *arguments]
        # A file and no pipe: on Windows the server inherits a pipe, which then never ends.
        with tempfile.TemporaryFile() as out:
            try:
                done = subprocess.run(
                    command,
                    env=env,
                    cwd=cwd or self.home.folder,  # the account may not see ours
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    check=False,
                    user=self.account.uid if self.account else None,
                    group=self.account.gid if self.account else None,
                    extra_groups=[] if self.account else None,
                )
            except (OSError, subprocess.SubprocessError) as error:
                who = f" as the account {self.account.name!r}" if self.account else ""
                raise AquadataError(f"cannot run {command[0]}{who}: {error}") from error
            out.seek(0)
            return done.returncode, out.read().decode(errors="replace")

    def _postmaster_port(self) -> int | None:
        """The port in the pid file of a live postmaster (0: not written yet); None when there is none."""
        pid, lines = self._pid(), _lines(self.home.pidfile)
        if pid is None or not is_postmaster(pid, self.home.data):
            return None
        return int(lines[3]) if len(lines) > 3 and lines[3].isdigit() else 0

    def _drop_stale_pidfile(self) -> None:
        # Called when no postmaster of ours lives. Of a dead one PostgreSQL sees through the file by itself, and checks
        # its shared memory too; not so when another process has got the pid, or when the kill came before the pid was
        # written.
        pid = self._pid()
        if pid is None or (sys.platform != "win32" and is_alive(pid)):
            self.home.pidfile.unlink(missing_ok=True)

    def _pid(self) -> int | None:
        lines = _lines(self.home.pidfile)
        # A backend that runs without a postmaster (postgres --single) writes its pid negative.
        return abs(int(lines[0])) if lines and lines[0].lstrip("-").isdigit() else None

    def _answers(self, port: int) -> bool:
        """Whether our postmaster takes connections on `port`; False while it starts or stops."""
        try:
            with psycopg.connect(self.url("postgres", port), connect_timeout=10, autocommit=True) as conn:
                row = conn.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError as error:
            if "authentication failed" in str(error) or "no password supplied" in str(error):
                raise AquadataError(
                    f"the password in {self.home.passfile} is not the one of {self.home.data}; "
                    f"put the right file back, or move the data away for a new and empty server"
                ) from error
            return "too many clients" in str(error)
        return row is not None and Path(row[0]).samefile(self.home.data)

    def _preferred_port(self) -> int | None:
        lines = _lines(self.home.port_file)
        return int(lines[0]) if lines and lines[0].isdigit() else None

    def _log(self) -> str:
        return self.home.log.read_text(errors="replace") if self.home.log.exists() else ""

    def _log_tail(self) -> str:
        lines = self._log().strip().splitlines()[-5:]
        return "".join(["\n", *(f"  {line}\n" for line in lines), f"More in {self.home.log}"])


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except FileNotFoundError:
        return []


def _last_line(output: str) -> str:
    lines = [line for line in output.strip().splitlines() if line]
    return lines[-1] if lines else "no message"
