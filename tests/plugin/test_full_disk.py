"""A disk that is full while batches are written: a file system of a few megabytes, filled up to the last byte as building begins."""

from __future__ import annotations

import os
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from projects import Project
from psycopg import conninfo, sql
from run_farm import NAMES, Databases, contents, digest_in

from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT

# Before a batch is handed out: whatever was made room with since is taken as well, as long as the file `filling` is there.
FILL = """
import errno, pathlib

def pytest_aquadata_before_load(config, plan, batch):
    if not pathlib.Path(__file__).with_name("filling").exists():
        return
    with open({filler!r}, "ab", buffering=0) as file:
        while True:
            try:
                file.write(bytes(4096))
            except OSError as error:
                assert error.errno == errno.ENOSPC
                return
"""
ENGINES = {"xdist": ("-n", "2"), "dask": ("--aquadata-engine=dask", "--aquadata-dask=local:2")}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> tuple[str, ...]:
    if request.param == "dask":
        pytest.importorskip("distributed")
    return ENGINES[request.param]


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], Path]]:
    """Makes a disk of so many megabytes; a folder on it."""
    mounted: list[Path] = []

    def make(megabytes: int) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="aquadata-small-"))
        words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(folder)]
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("there is no mount here")
        if done.returncode != 0:
            folder.rmdir()
            pytest.skip(f"this account may mount nothing: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@pytest.fixture
def fill(project: Project) -> Callable[[Path], Callable[[], None]]:
    """Has a disk filled when building begins; gives what makes room there again."""

    def prepare(disk: Path) -> Callable[[], None]:
        project.write("conftest.py", FILL.format(filler=str(disk / "filler")))
        filling = project.write("filling", "")

        def make_room() -> None:
            filling.unlink()
            (disk / "filler").unlink()

        return make_room

    return prepare


@pytest.fixture
def tablespace(server_url: str, small_disk: Callable[[int], Path]) -> Iterator[tuple[str, Path]]:
    """A tablespace on a small disk, by its name, and the disk."""
    if os.environ.get("AQUADATA_TEST_SERVER"):
        pytest.skip("only where the server may read a folder of this test's is known for the embedded one")
    disk, name = small_disk(64), f"small_{uuid.uuid4().hex[:8]}"
    folder = disk / "rows"
    folder.mkdir()
    with psycopg.connect(server_url, autocommit=True) as conn:
        (data,) = conn.execute("SHOW data_directory").fetchone()
        owner = Path(data).stat()
        os.chown(folder, owner.st_uid, owner.st_gid)
        conn.execute(sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(sql.Identifier(name), sql.Literal(str(folder))))
        yield name, disk
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(f"test_{name}")))
        conn.execute(sql.SQL("DROP TABLESPACE {}").format(sql.Identifier(name)))


def test_of_a_database(
    project: Project,
    databases: Databases,
    tablespace: tuple[str, Path],
    fill: Callable[[Path], Callable[[], None]],
    engine: tuple[str, ...],
) -> None:
    """No batch is there in part, the message says what to do, and the same command goes on when there is room."""
    name, disk = tablespace
    template = conninfo.conninfo_to_dict(databases.prepared)["dbname"]
    with psycopg.connect(databases.server_url, autocommit=True) as conn:
        words = sql.SQL("CREATE DATABASE {} TEMPLATE {} TABLESPACE {}")
        conn.execute(words.format(*map(sql.Identifier, (f"test_{name}", str(template), name))))
    url = conninfo.make_conninfo(databases.server_url, dbname=f"test_{name}")
    make_room = fill(disk)
    result = project.run(*engine, "-k", "prepare or build", url=url)
    text = result.stdout.str()
    assert result.ret == EXIT_ENVIRONMENT, text
    assert "the database refused\nDiskFull: " in text
    assert "nothing of it was written; to build this batch alone: pytest --aquadata=farm" in text
    assert "Traceback" not in text
    make_room()
    with psycopg.connect(url) as conn:
        states = dict(conn.execute("SELECT name, state FROM aquadata.batch").fetchall())
        there = {batch for (batch,) in conn.execute("SELECT batch_number FROM batch_batch")}
    assert there == {batch for batch, state in states.items() if state == "built"} < set(NAMES)
    again = project.run(*engine, url=url)
    assert again.ret == 0, again.stdout.str()
    assert digest_in(again.stdout.str()) == databases.digest
    assert contents(url, databases.plan.all_tables) == databases.finished_contents


def test_of_a_data_set(
    project: Project,
    databases: Databases,
    small_disk: Callable[[int], Path],
    fill: Callable[[Path], Callable[[], None]],
    engine: tuple[str, ...],
) -> None:
    disk = small_disk(16)
    make_room = fill(disk)
    words = (f"--aquadata-to=parquet:{disk / 'lake'}", *engine)
    result = project.run(*words)
    text = result.stdout.str()
    assert result.ret == EXIT_ENVIRONMENT, text
    assert f"{disk / 'lake'} is full\n    make room and run the same command again" in text
    assert "Traceback" not in text
    assert not (disk / "lake" / "_SUCCESS").exists()
    make_room()
    again = project.run(*words)
    assert again.ret == 0, again.stdout.str()
    assert digest_in(again.stdout.str()) == databases.digest


def test_a_data_set_that_cannot_fit_is_refused_before_its_first_row(project: Project, small_disk: Callable[[int], Path]) -> None:
    disk = small_disk(1)
    (disk / "filler").write_bytes(bytes(900_000))
    result = project.run(f"--aquadata-to=parquet:{disk / 'lake'}")
    assert result.ret == EXIT_ENVIRONMENT
    result.stderr.re_match_lines(
        [rf"ERROR: farm needs about \d MB on disk, {disk}/lake has \d MB free", r" +fewer batches .* another place"]
    )
    assert [path.name for path in disk.iterdir()] == ["filler"]
