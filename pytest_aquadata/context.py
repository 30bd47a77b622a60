"""What one process of a session knows of its farm: options, scenario, plan, the chosen batches, and its part in the build."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pytest_aquadata.engine.futures import Futures
from pytest_aquadata.engine.hands import Hands, OwnHands
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.handover import Handover
from pytest_aquadata.judging import Judging
from pytest_aquadata.load.fingerprint import fingerprint_of
from pytest_aquadata.load.run import Run
from pytest_aquadata.load.shown import shown
from pytest_aquadata.load.sink import Sink
from pytest_aquadata.options import Options
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.sample import sample_of, size_of
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.suggest import closest


@dataclass
class Farm:
    """The farm of a session, as one process sees it.

    path: the scenario file. plan: what is built.
    selected: numbers of the batches that the session's items build; known after collection.
    url: the database; None while only collecting. replace: what another run left there may be deleted.
    refusal: why nothing may be written there; empty where it may. writes: whether the session does more than verify.
    handover: the folder of the plan's files; None in workers, which only read it.
    futures: the batches as a Dask cluster's tasks, where one builds them.
    judging: who asks criteria ahead of their items, where somebody does.
    alone: no other process builds. worker: what this process is called: ``main``, or xdist's name of a worker.
    workshop: a folder of the session's that its workers share; None where there are none.
    """

    options: Options
    path: Path
    plan: Plan
    alone: bool
    url: str | None = None
    replace: bool = False
    refusal: str = ""
    writes: bool = False
    worker: str = "main"
    handover: Handover | None = None
    futures: Futures | None = None
    judging: Judging | None = None
    workshop: Path | None = None
    selected: list[int] = field(default_factory=list)

    @property
    def scenario(self) -> Scenario:
        """The scenario, resolved."""
        return self.plan.simulation.scenario

    @cached_property
    def fingerprint(self) -> str:
        """What identifies the rows of this plan."""
        return fingerprint_of(self.scenario)

    @cached_property
    def sample(self) -> tuple[Batch, ...] | None:
        """The batches of the sample that was asked for; None where the whole scenario is meant.

        Raises:
            AquadataError: what was asked for is no sample of this scenario.
        """
        return None if self.options.sample is None else sample_of(self.plan.simulation, size_of(self.options.sample))

    @cached_property
    def batches(self) -> Sequence[Batch]:
        """The batches that this session has items for.

        Raises:
            AquadataError: one that was asked for is not in the plan, or not in the sample; or there is no such sample.
        """
        every = self.plan.simulation.batches
        planned = {batch.name: batch for batch in every}
        among = planned if self.sample is None else {batch.name: batch for batch in self.sample}
        for name in self.options.batches:
            if name not in planned:
                hint = closest(name, planned)
                raise AquadataError(f"--aquadata-batch: {self.scenario.name} has no batch '{name}'" + (f"\n    {hint}" if hint else ""))
            if name not in among:
                raise AquadataError(
                    f"--aquadata-batch: '{name}' is not in the sample of {len(among):,} of {len(every):,} batches\n"
                    "    leave out --aquadata-sample to build it"
                )
        return [among[name] for name in dict.fromkeys(self.options.batches)] or list(among.values())

    @cached_property
    def rows_of_batches(self) -> dict[str, int]:
        """The planned rows of each of them, by name."""
        return {batch.name: int(self.plan.counts[batch.number - 1].sum()) for batch in self.batches}

    @cached_property
    def run(self) -> Sink:
        """This process's part in the build."""
        if self.url is None:
            raise RuntimeError("no database was opened in this session")
        if self.options.to:
            from pytest_aquadata.lake.run import LakeRun

            return LakeRun(
                self.url,
                self.plan,
                self.fingerprint,
                self.selected,
                alone=self.alone,
                refusal=self.refusal,
                builder=self.worker,
                workshop=self.workshop,
            )
        return Run(
            self.url,
            self.plan,
            self.fingerprint,
            self.selected,
            alone=self.alone,
            replace=self.replace,
            refusal=self.refusal,
            builder=self.worker,
        )

    @property
    def hands(self) -> Hands:
        """Who builds the batches of this process's items."""
        return self.futures or OwnHands(self.run)

    @property
    def log_dir(self) -> Path | None:
        """Where the session keeps a log of each batch; None where it keeps none."""
        return Path(self.options.log_dir).absolute() if self.options.log_dir else None

    def command(self, *batches: str, whole: bool = False) -> str:
        """The command that goes on with this scenario or its sample, or builds these batches of it again; `whole`: all of the scenario."""
        options = self.options
        words = ["pytest", f"--aquadata={options.scenario}", *(f"--aquadata-set={override}" for override in options.overrides)]
        if "database" in options.typed and options.database:
            words.append(f"--aquadata-database={shown(options.database)}")
        if options.to:
            words.append(f"--aquadata-to={options.to}")
        if "home" in options.typed:
            words.append(f"--aquadata-home={options.home}")
        if options.sample is not None and not whole:
            words.append(f"--aquadata-sample={options.sample}")
        words += [f"--aquadata-{name}={getattr(options, name)}" for name in ("engine", "dask", "connections") if name in options.typed]
        if "log-dir" in options.typed:
            words.append(f"--aquadata-log-dir={options.log_dir}")
        return shlex.join([*words, *(f"--aquadata-batch={batch}" for batch in batches)])
