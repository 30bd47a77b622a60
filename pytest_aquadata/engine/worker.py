"""What runs in a Dask worker: the task, and the look at what the worker is made of before it is given one.

A worker process builds one batch at a time, however many threads it has: NumPy and the encoder keep one core busy, and the names that
factories draw come from one generator.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata

import psycopg
from psycopg import conninfo

from pytest_aquadata import __version__
from pytest_aquadata.engine.task import Destination, Outcome, Writer, build_batch, build_with
from pytest_aquadata.errors import EnvironmentFault
from pytest_aquadata.farm import setup
from pytest_aquadata.load.fingerprint import package_digest
from pytest_aquadata.load.run import connect
from pytest_aquadata.plan.part import Part

Facts = Mapping[str, str]
"""What a process is made of, as far as rows depend on it, by name."""

_one = threading.Lock()
_kept: dict[str, Writer] = {}
"""What is open in this process, by the session that it is kept for; one at the most."""


def facts() -> Facts:
    """What has to be the same in two processes so that they make the same rows and understand each other."""
    return {
        "pytest-aquadata": __version__,
        "files of pytest-aquadata": package_digest()[:12],
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "NumPy": metadata.version("numpy").partition(".")[0],
        "Faker": metadata.version("Faker"),
        "Django settings": os.environ.get("DJANGO_SETTINGS_MODULE", "none") if setup.is_application() else "none",
    }


def differing(there: Facts, here: Facts) -> str:
    """Wherein a worker differs from the session, as the end of a sentence; empty where it does not."""
    for name, value in here.items():
        if (other := there.get(name)) != value:
            return f"has {name} {other}, here it is {value}"
    return ""


def reach(url: str, holder: int) -> str:
    """Whether this process reaches the session's server, where backend `holder` works for it; empty, or what is in the way."""
    try:
        with connect(url, "look") as conn:
            query = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND datname = current_database()"
            found = conn.execute(query, (holder,)).fetchone()
    except (EnvironmentFault, psycopg.Error) as error:
        return str(error).strip()
    if found == (1,):
        return ""
    parts = conninfo.conninfo_to_dict(url)
    return f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)} is another server there"


async def get_ready(destination: Destination) -> None:
    """Load what the first batch needs, while the session still prepares. Whatever is in the way is said when that batch is built."""

    def load() -> None:
        with _one, suppress(Exception):
            destination.ready()

    await asyncio.to_thread(load)


def build_part(part: Part, destination: Destination, expected: Facts, session: str) -> Outcome:
    """Build the batch of a part. A worker that is made of something else than `expected` refuses: some join too late to be looked at.

    session: for whom the worker keeps the destination open for the next batch; empty where it is to give it back behind this one.
    """
    builder = _name()
    if said := differing(facts(), expected):
        return Outcome(builder, error=EnvironmentFault(f"worker {builder} {said}"))
    try:
        with _one:
            if not session:
                _close_kept()
                return _portable(build_batch(part.plan(), part.number, destination, builder))
            return _portable(_build_kept(part, destination, builder, session))
    except Exception as error:  # a task that raises leaves it to Dask to carry the error, which not every error survives
        return _in_words(Outcome(builder, error=error, trace=traceback.format_exc()))


def _build_kept(part: Part, destination: Destination, builder: str, session: str) -> Outcome:
    """Build with what the batch before has left open. What has failed is not used again: its connection may be lost."""
    if session not in _kept:
        _close_kept()
        _kept[session] = destination.open(part.plan(), builder)
    writer = _kept[session]
    writer.plan = part.plan()
    outcome = build_with(writer, part.number)
    if outcome.error is not None:
        _close_kept()
    return outcome


async def let_go() -> None:
    """Give back what a session has had kept open, behind the batch that is being built."""

    def close() -> None:
        with _one:
            _close_kept()

    await asyncio.to_thread(close)


def _close_kept() -> None:
    while _kept:
        _, writer = _kept.popitem()
        with suppress(Exception):  # it may be lost, and is not needed any more
            writer.close()


def _name() -> str:
    """What the ledger calls this worker."""
    from distributed import get_worker

    name = get_worker().name
    return f"dask-{name}" if isinstance(name, int) else str(name)


def _portable(outcome: Outcome) -> Outcome:
    """The same outcome; an error that cannot be pickled, by its text."""
    try:
        pickle.loads(pickle.dumps(outcome))
    except Exception:
        return _in_words(outcome)
    return outcome


def _in_words(outcome: Outcome) -> Outcome:
    error = RuntimeError(f"{type(outcome.error).__name__}: {outcome.error}")
    return Outcome(outcome.builder, error=error, failed_in=outcome.failed_in, trace=outcome.trace)
