"""A scenario file as a pytest collector, and its items: prepare, one build a batch, finish, one verify a criterion."""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pytest

from pytest_aquadata.context import Farm
from pytest_aquadata.engine.futures import ClusterLost
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.queries import Names
from pytest_aquadata.logs import write_log
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verdicts import properties_of
from pytest_aquadata.verify import registry
from pytest_aquadata.verify.base import Connection, Verdict


class Phase(IntEnum):
    """What has to be over before what; items run in this order."""

    PREPARE = 0
    BUILD = 1
    FINISH = 2
    VERIFY = 3


_NAMED = 5
"""Batches that a command to build them again names at the most."""


def phase_of(nodeid: str) -> Phase | None:
    """The phase of an item by its id; None for an item that is not one of a scenario."""
    file, _, name = nodeid.rpartition("::")
    if not file.endswith((".yaml", ".yml")):
        return None
    return next((phase for phase in Phase if name.partition("[")[0] == phase.name.lower()), None)


def size_of(farm: Farm, nodeid: str) -> int:
    """How long an item takes, beside others of its phase: by the rows that it makes, or as its criterion was measured."""
    name = nodeid.rpartition("[")[2].removesuffix("]")
    match phase_of(nodeid):
        case Phase.BUILD:
            return farm.rows_of_batches.get(name, 0)
        case Phase.VERIFY:
            return registry.effort(name)
        case _:
            return 0


class CriterionFailed(Exception):
    """A criterion does not hold; the text is the whole report."""


class CriterionWarning(UserWarning):
    """A criterion is past its warning bound."""


class FarmItem(pytest.Item):
    """One step of a scenario. Its class says the phase, its marker is ``aquadata_`` and the phase's name."""

    phase: ClassVar[Phase]
    parent: ScenarioFile

    def __init__(self, *, name: str, parent: ScenarioFile, line: int = 1, **kwargs: Any) -> None:
        # The id is given as text: pytest takes one apart at the bracket, and finds only what it took apart itself again, for --lf.
        super().__init__(name=name, parent=parent, nodeid=f"{parent.nodeid}::{name}", **kwargs)
        self.line = line
        self.add_marker(f"aquadata_{self.phase.name.lower()}")

    @property
    def farm(self) -> Farm:
        """The session's farm."""
        return self.parent.farm

    def reportinfo(self) -> tuple[Path, int, str]:
        """The scenario file, the line (from 0) that asks for this item, and its name."""
        return self.path, self.line - 1, f"{self.parent.farm.scenario.name}: {self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """One short text: what is wrong and what to do; a traceback only for a defect of this package."""
        error = excinfo.value
        if isinstance(error, AquadataError | CriterionFailed | CriterionWarning):
            return str(error)
        what = "the database refused" if isinstance(error, psycopg.Error) else "defect in pytest-aquadata"
        where = "".join(traceback.format_exception(error)) if what.startswith("defect") else f"{type(error).__name__}: {error}"
        return f"{self.name}: {what}\n{where.rstrip()}\n{self.advice()}"

    def advice(self) -> str:
        """What a user can do about a failure."""
        return f"run again to go on: {self.farm.command()}"


class PrepareItem(FarmItem):
    """Schema, world, master data and feed stock."""

    phase = Phase.PREPARE

    def runtest(self) -> None:
        """Prepare the database; nothing to do where a build already has."""
        self.farm.run.prepare()


class BuildItem(FarmItem):
    """One batch, in one transaction."""

    phase = Phase.BUILD

    def __init__(self, *, batch: Batch, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.batch = batch

    def runtest(self) -> None:
        """Build the batch, or wait for who builds it; a batch that the ledger calls built passes at once."""
        farm, hook = self.farm, self.config.hook
        hook.pytest_aquadata_before_load(config=self.config, plan=farm.plan, batch=self.batch)
        try:
            outcome = farm.hands.outcome(self.batch.number)
        except ClusterLost as error:
            # said once, and not by every batch that is left
            self.session.shouldfail = str(error).partition("\n")[0]
            raise
        write_log(farm, self.batch, outcome)
        built = outcome.get()
        self.user_properties.append(("aquadata_rows", sum(built.rows.values())))
        self.user_properties.append(("aquadata_built", "now" if built.fresh else "before"))
        if built.fresh:
            self.user_properties.append(("aquadata_seconds", round(built.seconds, 3)))
            hook.pytest_aquadata_after_load(config=self.config, plan=farm.plan, batch=self.batch, rows=built.rows)

    def advice(self) -> str:
        """How to build this batch alone."""
        return f"nothing of it was written; to build this batch alone: {self.farm.command(self.batch.name)}"


class FinishItem(FarmItem):
    """Indexes, keys, sequences and statistics, when every batch is built."""

    phase = Phase.FINISH

    def runtest(self) -> None:
        """Wait for the builds, then put everything in order."""
        run = self.farm.run
        run.wait()
        run.finish()
        # a batch that failed has said so itself; of these nobody else speaks
        if left := run.outstanding():
            raise AquadataError(f"never built: {', '.join(batch.name for batch in left)}\n{self.advice()}")


class VerifyItem(FarmItem):
    """One criterion, held against the database."""

    phase = Phase.VERIFY

    def __init__(self, *, criterion: str, spec: CriterionSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.criterion, self.spec = criterion, spec

    def runtest(self) -> None:
        """Wait for builds and finish, then check."""
        farm = self.farm
        if farm.run.selected:
            farm.run.wait()
            farm.run.finish()
        built = farm.run.built()
        if not built:
            raise AquadataError(
                "the database holds no batch of this scenario" if farm.refusal else f"nothing is built yet: {farm.command()}"
            )
        verdict, seconds = self._judged(built)
        # of the criterion alone: the first of each worker has waited for builds and finish before
        self.user_properties += [*properties_of(verdict), ("aquadata_seconds", seconds)]
        if verdict.state == "skip":
            pytest.skip(verdict.got)
        if verdict.state != "pass":
            rebuild = farm.command(*verdict.batches[:_NAMED]) if verdict.batches else None
            where = f"{self.path}:{self.line}"
            report = registry.render(verdict, criterion=self.criterion, where=where, rebuild=rebuild)
            if verdict.state == "fail":
                raise CriterionFailed(report)
            warnings.warn(CriterionWarning(report), stacklevel=1)

    def _judged(self, built: Sequence[Batch]) -> tuple[Verdict, float]:
        """The verdict and its seconds."""
        if (judging := self.farm.judging) is None:
            started = time.monotonic()
            return self._ask(self.farm.run.conn, built, self.farm.run.names), time.monotonic() - started
        # looked up here, on the session's own connection, and not by several threads at once
        names = self.farm.run.names
        others = (item for item in self.session.items if isinstance(item, VerifyItem))
        judging.begin({item.criterion: partial(item._ask, built=built, names=names) for item in others})
        return judging.verdict(self.criterion)

    def _ask(self, conn: Connection, built: Sequence[Batch], names: Names | None) -> Verdict:
        farm = self.farm
        return registry.run_criterion(conn, farm.plan, self.criterion, self.spec, built, names, sample=farm.sample is not None)


class ScenarioFile(pytest.File):
    """A scenario: its plan decides which items there are."""

    farm: Farm

    def collect(self) -> Iterator[FarmItem]:
        """Items in the order of their phases, builds in the order of the plan."""
        farm = self.farm
        lines = farm.scenario.lines
        starts = next((lines[key] for key in ("batches", "years", "ages", "geographies") if key in lines), 1)
        yield PrepareItem.from_parent(self, name="prepare")
        for batch in farm.batches:
            yield BuildItem.from_parent(self, name=f"build[{batch.name}]", batch=batch, line=starts)
        yield FinishItem.from_parent(self, name="finish")
        for name, spec in farm.scenario.criteria.items():
            yield VerifyItem.from_parent(self, name=f"verify[{name}]", criterion=name, spec=spec, line=spec.line)
