"""The Dask cluster of a session: joined by its address, made on this machine, or whichever Dask's own configuration names.

Schedulers, workers, transport, encryption and queueing systems are Dask's; nothing of them is done here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_aquadata.engine import worker
from pytest_aquadata.engine.task import CRASHES
from pytest_aquadata.errors import AquadataError, EnvironmentFault

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

WORKERS_SECONDS = 60
"""How long a cluster may be without any worker: a queueing system starts them one by one, and a nanny replaces a dead one in seconds."""

_LOCAL = {
    "distributed.scheduler.allowed-failures": CRASHES,
    # Dask has workers give every free piece back to the system at once; to fetch the pages of each array anew makes rows some 15 % slower
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
    # what feeds its dashboard, which is not there, looks at stacks, loops and the machine a hundred times a second
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
}
"""Dask's settings for a cluster of our own."""


@dataclass
class Joined:
    """A session's cluster. where: as a person knows it. made: the cluster, where this session has made it and takes it along; else None."""

    client: Client
    where: str
    made: LocalCluster | None
    _processes: int
    _stack: ExitStack = field(repr=False)

    @property
    def local(self) -> bool:
        """Whether it is on this machine alone, and of this session alone."""
        return self.made is not None

    def workers(self) -> int:
        """How many worker processes there are now."""
        return len(self.client.nthreads())

    def replace_lost(self, there: int) -> None:
        """Have a cluster of our own start the workers that it lacks, where `there` are left.

        Dask starts a worker that was killed again, but not one that was killed while it started.
        """
        if self.made is not None and there < self._processes:
            self.made.scale(self._processes)

    def close(self) -> None:
        """Leave it; one of our own ends."""
        self._stack.close()


def checked(text: str | None) -> str | int | None:
    """What ``--aquadata-dask`` names: an address, a number of processes for ``local:N``, or None for Dask's configuration.

    Raises:
        AquadataError: it is neither.
    """
    if text is None or re.fullmatch(r"[a-z]+://\S+", text):
        return text
    if match := re.fullmatch(r"local:([1-9]\d*)", text):
        return int(match[1])
    raise AquadataError(
        f"--aquadata-dask={text} is neither the address of a scheduler nor a number of processes here\n"
        "    write tcp://host:8786, or local:4"
    )


def join(asked: str | int | None) -> Joined:
    """Join the cluster that was asked for, see `checked`; without one that of Dask's configuration, else make a local one.

    Raises:
        AquadataError: `distributed` is not installed.
        EnvironmentFault: nobody answers there, or no worker comes.
    """
    try:
        import dask.config
        import distributed
        from dask.system import CPU_COUNT
    except ImportError:
        raise AquadataError("--aquadata-engine=dask needs the package distributed\n    pip install 'pytest-aquadata[dask]'") from None
    address = asked if asked is not None else dask.config.get("scheduler-address", None)
    with ExitStack() as stack:
        made, processes = None, 0
        if isinstance(address, int) or address is None:
            processes = address or CPU_COUNT
            try:
                with dask.config.set(_LOCAL):
                    made = distributed.LocalCluster(
                        n_workers=processes, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR
                    )
            except (RuntimeError, OSError) as error:
                raise EnvironmentFault(f"no local Dask cluster of {processes} processes could be started: {error}") from None
            address, where = stack.enter_context(made), f"{processes} processes of this machine"
        else:
            where = str(address)
        try:
            client = stack.enter_context(distributed.Client(address, name="pytest-aquadata", set_as_default=False))
        except (OSError, ValueError) as error:
            raise EnvironmentFault(
                f"no Dask scheduler answers at {where}: {error}\n    start one (dask scheduler), or build here: --aquadata-dask=local:4"
            ) from None
        try:
            client.wait_for_workers(1, timeout=WORKERS_SECONDS)
        except TimeoutError:
            raise EnvironmentFault(no_workers(where)) from None
        return Joined(client, where, made, processes, stack.pop_all())
    raise AssertionError  # an exit stack swallows nothing


def no_workers(where: str) -> str:
    """What to say when a cluster has had no worker for `WORKERS_SECONDS`."""
    said = f"the Dask cluster at {where} has had no worker for {WORKERS_SECONDS} s"
    return f"{said}\n    start some (dask worker ADDRESS) and run again to go on"


def refuse_others(client: Client, where: str) -> None:
    """See that every worker is made of what this session is made of.

    Raises:
        EnvironmentFault: one is not; the message names it.
    """
    here, answers = worker.facts(), client.run(worker.facts, on_error="return")
    wrong = {address: said for address, answer in answers.items() if (said := _said(answer, here))}
    _refuse(wrong, len(answers), where, "give all of them the environment of this session")


def _said(answer: object, here: worker.Facts) -> str:
    if isinstance(answer, BaseException):
        return f"cannot run pytest-aquadata: {type(answer).__name__}: {answer}"
    return worker.differing(answer, here) if isinstance(answer, dict) else f"answers {answer}"


def refuse_strangers(client: Client, where: str, url: str, holder: int, embedded: bool, at_once: int) -> None:
    """See that one worker of each machine reaches the server on which backend `holder` works for this session, a few `at_once`.

    embedded: the server is our own, which answers this machine only.

    Raises:
        EnvironmentFault: one does not; the message names it.
    """
    one_each = _one_each(client)
    wrong: dict[str, str] = {}
    for first in range(0, len(one_each), at_once):
        asked = one_each[first : first + at_once]
        for address, answer in client.run(worker.reach, url, holder, workers=asked, on_error="return").items():
            if answer:
                wrong[address] = f"does not reach the database: {answer}"
    advice = "name a server that all of them reach: --aquadata-database=postgresql://…"
    if embedded:
        advice = f"the embedded PostgreSQL answers this machine only; {advice}"
    _refuse(wrong, len(one_each), where, advice)


def refuse_blind(client: Client, where: str, unseen: Callable[[], str]) -> None:
    """See that one worker of each machine sees the data set that the session has begun; `unseen` says there what is in the way.

    Raises:
        EnvironmentFault: one does not; the message names it.
    """
    one_each = _one_each(client)
    answers = client.run(unseen, workers=one_each, on_error="return")
    wrong = {address: f"does not reach the data set: {answer}" for address, answer in answers.items() if answer}
    _refuse(wrong, len(one_each), where, "name a place that all of them reach: a shared folder or a bucket")


def _one_each(client: Client) -> list[str]:
    """The address of one worker of each machine."""
    return list({address.partition("://")[2].rpartition(":")[0]: address for address in client.nthreads()}.values())


def _refuse(wrong: dict[str, str], asked: int, where: str, advice: str) -> None:
    if wrong:
        address, said = next(iter(wrong.items()))
        more = f" ({len(wrong)} of the {asked} asked)" if asked > 1 else ""
        raise EnvironmentFault(f"a worker of the Dask cluster at {where} cannot be used: {address} {said}{more}\n    {advice}")
