"""The criteria there are, by name, and how one is run and shown.

A criterion never raises: a statement that the server refuses is a verdict, with the server's words and the statement. So are data that
cannot be computed with, as a database that somebody else filled may hold (NULL where a number belongs, half of what belongs together).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import psycopg

from pytest_aquadata.errors import AquadataError, NotFilled
from pytest_aquadata.load.queries import Names, reading
from pytest_aquadata.plan.masterdata import document
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.base import Connection, Criterion, Verdict
from pytest_aquadata.verify.clauses import Found, StatementError, count, failure, select
from pytest_aquadata.verify.conservation import Conservation
from pytest_aquadata.verify.daily_states import DailyStates
from pytest_aquadata.verify.feed import FeedStock
from pytest_aquadata.verify.figures import PUBLISHED
from pytest_aquadata.verify.finance import Finance, Money
from pytest_aquadata.verify.growth import FeedConversion, HarvestWeight
from pytest_aquadata.verify.harvest_lots import HarvestLots
from pytest_aquadata.verify.lice import LiceCounts
from pytest_aquadata.verify.lifecycle import Stages, Statuses
from pytest_aquadata.verify.master_data import MasterData
from pytest_aquadata.verify.mortality import Mortality
from pytest_aquadata.verify.own import OwnCriterion
from pytest_aquadata.verify.places import Containers, Geographies, Occupancy
from pytest_aquadata.verify.population import Day91Population, Survival
from pytest_aquadata.verify.projections import PinnedScenarios
from pytest_aquadata.verify.readings import Readings
from pytest_aquadata.verify.references import Orphans
from pytest_aquadata.verify.render import render
from pytest_aquadata.verify.samples import GrowthSamples, HealthSamples
from pytest_aquadata.verify.text import picked, query
from pytest_aquadata.verify.third_party import third_party
from pytest_aquadata.verify.time_order import TimeOrder
from pytest_aquadata.verify.treatments import Journal, Treatments
from pytest_aquadata.verify.uniqueness import Uniqueness
from pytest_aquadata.verify.volume import RowCounts
from pytest_aquadata.verify.workflows import Workflows
from pytest_aquadata.verify.world import WorldHoldings

__all__ = ["CRITERIA", "Criterion", "Verdict", "criterion_for", "effort", "render", "run_criterion"]

_STANDARD: tuple[Criterion, ...] = (
    WorldHoldings(),
    MasterData(),
    RowCounts(),
    Containers(),
    Day91Population(),
    Survival(),
    HarvestWeight(),
    HarvestLots(),
    FeedConversion(),
    FeedStock(),
    Statuses(),
    PinnedScenarios(),
    Stages(),
    Geographies(),
    Occupancy(),
    Orphans(),
    Uniqueness(),
    TimeOrder(),
    Workflows(),
    Conservation(),
    Mortality(),
    Readings(),
    Finance(),
    Money(),
    GrowthSamples(),
    HealthSamples(),
    LiceCounts(),
    Treatments(),
    Journal(),
    DailyStates(),
)

CRITERIA: dict[str, Criterion] = {criterion.name: criterion for criterion in (*_STANDARD, *PUBLISHED)}
"""The standard criteria by name, and those of published figures."""

_SETTINGS = (
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL work_mem = '128MB'",
    "SET LOCAL jit = off",
    # many groups are no reason to scan the largest table with one process
    "SET LOCAL parallel_tuple_cost = 0.001",
    # how many groups there are cannot be estimated from several columns; a hash table holds them, and needs no walk through an index
    "SET LOCAL enable_sort = off",
)
"""Few and large statements: hash tables in memory, no time lost to compiling."""


def criterion_for(name: str, spec: CriterionSpec) -> Criterion:
    """The criterion that a scenario declares: a standard one, another package's, or the user's own where `spec` brings a query.

    Raises:
        KeyError: neither; a checked scenario has no such name.
    """
    if spec.rows is not None:
        return OwnCriterion(name, spec.rows)
    return CRITERIA[name] if name in CRITERIA else third_party(name)


def effort(name: str) -> int:
    """How long a criterion takes beside others, from 1: seconds of processor time on a farm of 70 million rows."""
    return int(document("efforts").get(name, 1))


def run_criterion(
    conn: psycopg.Connection[tuple[object, ...]],
    plan: Plan,
    name: str,
    spec: CriterionSpec,
    built: Sequence[Batch],
    names: Names | None = None,
    *,
    sample: bool = False,
) -> Verdict:
    """Hold the built batches against one criterion, in a read-only transaction.

    names: what the farm's names mean in an application's database; None where the tables are the farm's own. A criterion that asks for
    what is not filled there is skipped, with what that is and why.
    sample: no more than some batches were to be built.
    """
    criterion, left_out = criterion_for(name, spec), dict[str, None]()
    if not built:
        return Verdict("skip", "batches of this scenario", "none is built")
    if criterion.farm_wide and (missing := _missing(plan, built)):
        if sample:
            there = f"a sample, {len(built):,} of {len(plan.simulation.batches):,}"
            return Verdict("skip", "all batches of the scenario", f"does not hold for a sample: it needs all batches, and this is {there}")
        return Verdict("skip", "all batches of the scenario", f"{count(len(missing), 'batch')} not built: {_few(missing)}")
    try:
        # rolled back, so that the settings do not outlive it inside a transaction of the caller's
        with conn.transaction(force_rollback=True), reading(conn, None if spec.rows else names, left_out):
            conn.execute("SET TRANSACTION READ ONLY")
            for setting in _SETTINGS:
                conn.execute(setting.encode())
            verdict = _lost(conn, built) or criterion.check(conn, plan, spec, built)
            return verdict if names is None or spec.rows else _as_here(verdict, names, left_out)
    except NotFilled as error:
        return Verdict("skip", "what the criterion reads is filled", str(error), left_out=(str(error),))
    except StatementError as error:
        return Verdict("fail", "a statement that the server runs", f"the server says: {error}", sql=error.statement)
    except (AquadataError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        said = " ".join(str(error).split())
        got = said if isinstance(error, AquadataError) else f"{type(error).__name__}: {said}"
        return Verdict("fail", "data that can be computed with", got)
    except psycopg.Error as error:
        return Verdict("fail", "a server that answers", f"the server says: {' '.join(str(error).split())}")


def _as_here(verdict: Verdict, names: Names, left_out: Iterable[str]) -> Verdict:
    """A verdict with its query as it runs in the application, and with what was left out of it."""
    verdict = replace(verdict, sql=names.translate(verdict.sql), left_out=tuple(left_out))
    return replace(verdict, got=f"{verdict.got}; left out: {'; '.join(verdict.left_out)}") if verdict.left_out else verdict


def _lost(conn: Connection, built: Sequence[Batch]) -> Verdict | None:
    """A verdict about batches that were built but are gone: what follows may then take every batch for granted."""
    there = {name for _, name in select(conn, query(picked(built), "SELECT * FROM picked"))}
    gone = [(batch.name,) for batch in built if batch.name not in there]
    if not gone:
        return None
    found = Found(("batch",), list(gone), len(gone))
    got = f"{count(len(gone), 'batch')} not there"
    return failure("batches that were built are in the database", found, lambda own: query(picked(own), "SELECT * FROM picked"), built, got)


def _missing(plan: Plan, built: Sequence[Batch]) -> list[str]:
    there = {batch.number for batch in built}
    return [batch.name for batch in plan.simulation.batches if batch.number not in there]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
