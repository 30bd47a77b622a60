"""Which engine hands out a session's batches: its options checked, and the cluster joined and looked at before the first row.

Only building goes to a Dask cluster. To prepare, to finish and to verify is work of the server, which the session alone keeps busy.
"""

from __future__ import annotations

import pytest

from pytest_aquadata.context import Farm
from pytest_aquadata.engine import joining
from pytest_aquadata.engine.connections import UNLIMITED, Budget, budget
from pytest_aquadata.engine.futures import Futures
from pytest_aquadata.engine.hands import OwnHands
from pytest_aquadata.engine.joining import Joined
from pytest_aquadata.engine.task import Destination
from pytest_aquadata.engine.worker import get_ready
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load import claims
from pytest_aquadata.load.destination import DatabaseDestination
from pytest_aquadata.load.run import APPLICATION
from pytest_aquadata.load.sink import OpenedTarget
from pytest_aquadata.load.target import Target
from pytest_aquadata.options import Options
from pytest_aquadata.scenario.suggest import closest

ENGINES = ("xdist", "dask")


def check(config: pytest.Config, options: Options) -> None:
    """See that the options of the engine are right, and right together.

    Raises:
        AquadataError: they are not.
    """
    if options.engine not in ENGINES:
        raise AquadataError(f"--aquadata-engine={options.engine}: there is no such engine\n    {closest(options.engine, ENGINES)}")
    if options.engine != "dask":
        for name in ("dask", "connections"):
            if name in options.typed:
                raise AquadataError(f"--aquadata-{name} says nothing to the engine xdist\n    add --aquadata-engine=dask, or leave it out")
        return
    if config.getoption("dist", "no") != "no":
        raise AquadataError(
            "--aquadata-engine=dask and workers of xdist do not go together\n"
            "    leave out -n: --aquadata-dask=local:4 builds in four processes here; or build with xdist: --aquadata-engine=xdist"
        )
    if options.to and options.connections is not None:
        raise AquadataError("--aquadata-connections speaks of a database, and --aquadata-to writes none\n    leave out one of them")
    joining.checked(options.dask)
    _connections(options)


def _connections(options: Options) -> int | None:
    if options.connections is None:
        return None
    if not options.connections.isdecimal() or int(options.connections) < 1:
        raise AquadataError(f"--aquadata-connections={options.connections} is not a number of connections, 1 or more")
    return int(options.connections)


def join(farm: Farm, target: OpenedTarget) -> Futures | None:
    """Join the cluster for what is left to build; None where nothing is.

    Raises:
        AquadataError: there is no such cluster, or it cannot be used: a worker of another version, or one that does not reach the place
            where the rows go.
    """
    missing = {batch.number for batch in farm.run.missing(farm.selected)}
    if not missing:
        return None
    # in the order of the items, which is that of their sizes
    numbers = [number for number in farm.selected if number in missing]
    allowed = budget(target.claim, _connections(farm.options)) if isinstance(target, Target) else UNLIMITED
    joined = joining.join(joining.checked(farm.options.dask))
    try:
        joining.refuse_others(joined.client, joined.where)
        destination = _reached(joined, farm, target, allowed)
        joined.client.run(get_ready, destination, wait=False, on_error="ignore")
        return Futures(joined, farm.plan, destination, numbers, allowed, OwnHands(farm.run), prepare=farm.run.prepare)
    except BaseException:
        joined.close()
        raise


def _reached(joined: Joined, farm: Farm, target: OpenedTarget, allowed: Budget) -> Destination:
    """Where the rows go, seen by every machine of the cluster."""
    if isinstance(target, Target):
        if not joined.local:
            holder = target.claim.execute("SELECT pg_backend_pid()").fetchone()
            pid, embedded = int(holder[0]) if holder else 0, target.server is not None
            joining.refuse_strangers(joined.client, joined.where, target.url, pid, embedded, allowed.connections)
        return DatabaseDestination(target.url, farm.fingerprint)
    from pytest_aquadata.lake.destination import DataSetDestination

    data_set = DataSetDestination(target.url, farm.fingerprint)
    if not joined.local:
        farm.run.prepare()  # now and not with the first batch: there is something to see then
        joining.refuse_blind(joined.client, joined.where, data_set.unseen)
    return data_set


def leave(farm: Farm, target: OpenedTarget, hurry: bool) -> list[str]:
    """Leave the session's cluster, and no builder behind that still writes. Returns what there is to say of it.

    hurry: give up what is being built; it is rolled back.

    Raises:
        psycopg.Error: the server does not answer.
    """
    futures = farm.futures
    if futures is None:
        return []
    futures.close(hurry)
    if hurry or futures.lost:
        # workers that nobody speaks to any more may go on for a while; of our own connections only the claim stays
        farm.run.close()
        if isinstance(target, Target):
            claims.end_predecessors(target.claim, APPLICATION)
    return [f"workers   {futures.limited}"] if futures.limited else []
