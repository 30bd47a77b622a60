"""What one process of a session knows of its farm: options, scenario, plan, the chosen batches, and its part in the build."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load import ledger
from pytest_aquadata.load.run import Run
from pytest_aquadata.load.sink import Sink
from pytest_aquadata.load.target import shown
from pytest_aquadata.options import Options
from pytest_aquadata.plan.numbering import Plan
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
    workshop: Path | None = None
    selected: list[int] = field(default_factory=list)

    @property
    def scenario(self) -> Scenario:
        """The scenario, resolved."""
        return self.plan.simulation.scenario

    @cached_property
    def fingerprint(self) -> str:
        """What identifies the rows of this plan."""
        return ledger.fingerprint_of(self.scenario)

    @property
    def batches(self) -> Sequence[Batch]:
        """The batches that this session has items for.

        Raises:
            AquadataError: one that was asked for is not in the plan.
        """
        planned = {batch.name: batch for batch in self.plan.simulation.batches}
        for name in self.options.batches:
            if name not in planned:
                hint = closest(name, planned)
                raise AquadataError(f"--aquadata-batch: {self.scenario.name} has no batch '{name}'" + (f"\n    {hint}" if hint else ""))
        return [planned[name] for name in dict.fromkeys(self.options.batches)] or list(planned.values())

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
    def log_dir(self) -> Path | None:
        """Where the session keeps a log of each batch; None where it keeps none."""
        return Path(self.options.log_dir).absolute() if self.options.log_dir else None

    def command(self, *batches: str) -> str:
        """The command that goes on with this scenario, or builds these batches of it again."""
        options = self.options
        words = ["pytest", f"--aquadata={options.scenario}", *(f"--aquadata-set={override}" for override in options.overrides)]
        if "database" in options.typed and options.database:
            words.append(f"--aquadata-database={shown(options.database)}")
        if options.to:
            words.append(f"--aquadata-to={options.to}")
        if "home" in options.typed:
            words.append(f"--aquadata-home={options.home}")
        if "log-dir" in options.typed:
            words.append(f"--aquadata-log-dir={options.log_dir}")
        return shlex.join([*words, *(f"--aquadata-batch={batch}" for batch in batches)])
