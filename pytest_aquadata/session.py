"""One pytest session that builds a farm: scenario, plan, database and run, and what of it goes to xdist workers.

The controller (or the only process) reads the scenario, plans it once, opens the database and holds the run; a worker gets the finished
plan and the database's address. Registered with pytest only when ``--aquadata`` is given.
"""

from __future__ import annotations

import pickle
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from pytest_aquadata import terminal
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.items import BuildItem, FarmItem, ScenarioFile
from pytest_aquadata.load import ledger
from pytest_aquadata.load.run import Run
from pytest_aquadata.load.target import Target, open_target
from pytest_aquadata.options import Options
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.load import find_scenario, load_scenario
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.suggest import closest
from pytest_aquadata.streams.registry import make_plan

INPUT = "aquadata"
"""Key of what the controller hands to its workers."""


class FarmSession:
    """The farm of a session.

    scenario, plan: what is built. fingerprint: what the ledger knows it by.
    run: this process's part in the build; there from the start of the session, except when only collecting.
    target: the opened database; only in the controller or the only process.
    """

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.config, self.options = config, options
        self.handed: dict[str, Any] | None = getattr(config, "workerinput", {}).get(INPUT)
        self.target: Target | None = None
        self.started = time.monotonic()
        self.summary: list[str] = []
        self._folder: Path | None = None
        self._run: Run | None = None
        self._selected: list[int] = []
        if self.handed is not None:
            self.path = Path(self.handed["path"])
            self.plan: Plan = pickle.loads(Path(self.handed["plan"]).read_bytes())
            return
        self.path = find_scenario(options.scenario, config.rootpath)
        scenario = load_scenario(self.path, options.overrides, today=date.today(), root=config.rootpath)
        self.plan = make_plan(scenario)
        self._check_batches()

    @property
    def scenario(self) -> Scenario:
        """The scenario, resolved."""
        return self.plan.simulation.scenario

    @cached_property
    def fingerprint(self) -> str:
        """What identifies the rows of this plan."""
        return ledger.fingerprint_of(self.scenario)

    def _check_batches(self) -> None:
        names = [batch.name for batch in self.plan.simulation.batches]
        for name in self.options.batches:
            if name not in names:
                hint = closest(name, names)
                raise AquadataError(f"--aquadata-batch: {self.scenario.name} has no batch '{name}'" + (f"\n    {hint}" if hint else ""))

    @property
    def batches(self) -> Sequence[Batch]:
        """The batches that this session has items for."""
        chosen = self.options.batches
        return [batch for batch in self.plan.simulation.batches if not chosen or batch.name in chosen]

    @property
    def run(self) -> Run:
        """This process's part in the build."""
        if self._run is None:
            url = self.handed["url"] if self.handed is not None else self.target.url if self.target else None
            if url is None:
                raise RuntimeError("no database was opened in this session")
            self._run = Run(url, self.plan, self.fingerprint, self._selected, alone=self.handed is None)
        return self._run

    @property
    def collects_only(self) -> bool:
        """Whether nothing is to be built."""
        return bool(self.config.getoption("collectonly"))

    def command(self, batch: str | None = None) -> str:
        """The command that goes on with this scenario, or builds one batch of it again."""
        words = ["pytest", f"--aquadata={self.options.scenario}", *(f"--aquadata-set {o!r}" for o in self.options.overrides)]
        return " ".join([*words, f"--aquadata-batch={batch}"] if batch else words)

    # -- hooks ---------------------------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Open the database before xdist starts its workers."""
        if self.handed is None and not self.collects_only:
            try:
                self.target = open_target(self.options.database, self.options.home, self.plan, self.fingerprint, self.options.create)
            except AquadataError as error:
                raise pytest.UsageError(str(error)) from None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand plan and database to an xdist worker."""
        if self.target is None:
            return
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="aquadata-"))
            (self._folder / "plan").write_bytes(pickle.dumps(self.plan, protocol=5))
        node.workerinput[INPUT] = {"path": str(self.path), "plan": str(self._folder / "plan"), "url": self.target.url}

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Never ignore the scenario or a folder above it, also when it lies in a virtual environment."""
        return False if collection_path == self.path or collection_path in self.path.parents else None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
        """The scenario file is a collector; no other YAML file is."""
        if file_path != self.path:
            return None
        inside = self.config.rootpath in file_path.parents
        file: ScenarioFile = ScenarioFile.from_parent(
            parent, path=file_path, **({} if inside else {"nodeid": f"scenarios/{file_path.name}"})
        )
        file.farm = self
        return file

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Iterator[None]:
        """Keep the phases in order, whoever shuffled or filtered the items."""
        yield
        items.sort(key=lambda item: (isinstance(item, FarmItem), item.phase if isinstance(item, FarmItem) else 0))
        self._selected[:] = [item.batch.number for item in items if isinstance(item, BuildItem)]

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self) -> Any:
        """Phases need a scheduler that knows them, whatever ``--dist`` says."""
        from pytest_aquadata.scheduling import PhaseScheduling

        return PhaseScheduling()

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport, sched: Any) -> None:
        """Give a step that lost its worker to another one; its batch was rolled back."""
        if sched.may_run_again(crashitem):
            sched.mark_test_pending(crashitem)
            report.outcome = "rerun"  # type: ignore[assignment]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Leave the database in order, however the session ended."""
        if self.target is not None:
            try:
                self.summary = terminal.summary(self, self.run)
            finally:
                self.run.close()
        elif self._run is not None:
            self._run.close()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The plan when only collecting; else what was built and how to use it."""
        lines = terminal.plan_lines(self.plan) if self.collects_only else self.summary
        if self.handed is None and lines:
            terminalreporter.write_sep("=", f"aquadata: {self.scenario.name}")
            for line in lines:
                terminalreporter.write_line(line)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Release the server and remove the plan's file."""
        if self.target is not None:
            self.target.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def start_session(config: pytest.Config, options: Options) -> FarmSession:
    """Read and plan the scenario and register its session with pytest.

    Raises:
        pytest.UsageError: the scenario is wrong or its plan does not fit; the text says all that is.
    """
    try:
        farm = FarmSession(config, options)
    except AquadataError as error:
        raise pytest.UsageError(str(error)) from None
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = [str(farm.path)]
    elif not any(str(argument).split("::")[0] in (str(farm.path), _relative(farm.path)) for argument in config.args):
        config.args.append(str(farm.path))
    config.pluginmanager.register(farm, "aquadata-session")
    return farm


def _relative(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def validate(config: pytest.Config, options: Options) -> int:
    """Check and plan a scenario and print the plan: what ``--aquadata-validate`` does. Returns the exit code."""
    try:
        farm = FarmSession(config, options)
    except AquadataError as error:
        print(error, file=sys.stderr)
        return int(pytest.ExitCode.USAGE_ERROR)
    print("\n".join([f"{farm.path}: valid", *terminal.plan_lines(farm.plan)]))
    return int(pytest.ExitCode.OK)
