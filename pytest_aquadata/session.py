"""The hooks of a session that builds a farm: plan once, open the database, hand both to xdist workers, leave everything in order.

The controller (or the only process) reads the scenario, plans it, opens the database and holds the run; a worker gets the finished plan and
the database's address. Registered with pytest only when ``--aquadata`` is given.
"""

from __future__ import annotations

import pickle
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pytest_aquadata import terminal
from pytest_aquadata.context import Farm
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.items import BuildItem, FarmItem, ScenarioFile
from pytest_aquadata.load.target import Target, open_target
from pytest_aquadata.options import Options
from pytest_aquadata.scenario.load import find_scenario, load_scenario
from pytest_aquadata.streams.registry import make_plan

INPUT = "aquadata"
"""Key of what the controller hands to its workers."""


def make_farm(config: pytest.Config, options: Options) -> Farm:
    """Read and plan a scenario; a worker takes what the controller made of it.

    Raises:
        AquadataError: the scenario is wrong, its plan does not fit, or it has no such batch.
    """
    handed: dict[str, Any] | None = getattr(config, "workerinput", {}).get(INPUT)
    if handed is not None:
        plan = pickle.loads(Path(handed["plan"]).read_bytes())
        return Farm(options, Path(handed["path"]), plan, alone=False, url=handed["url"], replace=handed["replace"])
    path = find_scenario(options.scenario, config.rootpath)
    scenario = load_scenario(path, options.overrides, today=date.today(), root=config.rootpath)
    farm = Farm(options, path, make_plan(scenario), alone=True)
    _ = farm.batches  # a batch that was asked for and does not exist is an error now, not while collecting
    return farm


class FarmSession:
    """The hooks of a session with a farm.

    target: the opened database, in the controller or the only process; None in workers and while only collecting.
    summary: lines for the end of the run.
    """

    def __init__(self, config: pytest.Config, farm: Farm) -> None:
        self.config, self.farm = config, farm
        self.is_worker = hasattr(config, "workerinput")
        self.collects_only = bool(config.getoption("collectonly"))
        self.target: Target | None = None
        self.summary: list[str] = []
        self._started = time.monotonic()
        self._folder: Path | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Open the database before xdist starts its workers."""
        if not self.is_worker and not self.collects_only:
            options = self.farm.options
            try:
                self.target = open_target(options.database, options.home, self.farm.plan, self.farm.fingerprint, options.create)
            except AquadataError as error:
                raise pytest.UsageError(str(error)) from None
            self.farm.url, self.farm.replace = self.target.url, self.target.replace

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand plan and database to an xdist worker."""
        if self.target is None:
            return
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="aquadata-"))
            (self._folder / "plan").write_bytes(pickle.dumps(self.farm.plan, protocol=5))
        node.workerinput[INPUT] = {
            "path": str(self.farm.path),
            "plan": str(self._folder / "plan"),
            "url": self.target.url,
            "replace": self.target.replace,
        }

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Never ignore the scenario or a folder above it, also when it lies in a virtual environment."""
        path = self.farm.path
        return False if collection_path == path or collection_path in path.parents else None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
        """The scenario file is a collector; no other YAML file is."""
        if file_path != self.farm.path:
            return None
        # a file that came with the package is shown as if it lay in the project
        inside = self.config.rootpath in file_path.parents
        nodeid = None if inside else f"scenarios/{file_path.name}"
        file: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path, nodeid=nodeid)
        file.farm = self.farm
        return file

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Iterator[None]:
        """Keep the phases in order, whoever shuffled or filtered the items."""
        yield
        items.sort(key=lambda item: (isinstance(item, FarmItem), item.phase if isinstance(item, FarmItem) else 0))
        self.farm.selected[:] = [item.batch.number for item in items if isinstance(item, BuildItem)]

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
        if self.farm.url is None:
            return
        try:
            if self.target is not None:
                self.summary = terminal.summary(self.farm, self.target, time.monotonic() - self._started)
        finally:
            self.farm.run.close()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The plan when only collecting; else what was built and how to use it."""
        lines = terminal.plan_lines(self.farm.plan) if self.collects_only else self.summary
        if lines:
            terminalreporter.write_sep("=", f"aquadata: {self.farm.scenario.name}")
            for line in lines:
                terminalreporter.write_line(line)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Release the server and remove the plan's file."""
        if self.target is not None:
            self.target.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def start_session(config: pytest.Config, options: Options) -> None:
    """Read and plan the scenario and register its session with pytest.

    Raises:
        pytest.UsageError: the scenario is wrong or its plan does not fit; the text says all that is.
    """
    try:
        farm = make_farm(config, options)
    except AquadataError as error:
        raise pytest.UsageError(str(error)) from None
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = [str(farm.path)]
    elif not any(_is_in(argument, farm.path) for argument in config.args):
        config.args.append(str(farm.path))
    config.pluginmanager.register(FarmSession(config, farm), "aquadata-session")


def _is_in(argument: str, path: Path) -> bool:
    """Whether a command-line argument names the scenario file or something in it."""
    return (Path.cwd() / argument.split("::")[0]).absolute() == path


def validate(config: pytest.Config, options: Options) -> int:
    """Check and plan a scenario and print the plan: what ``--aquadata-validate`` does. Returns the exit code."""
    try:
        farm = make_farm(config, options)
    except AquadataError as error:
        print(error, file=sys.stderr)
        return int(pytest.ExitCode.USAGE_ERROR)
    print("\n".join([f"{farm.path}: valid", *terminal.plan_lines(farm.plan)]))
    return int(pytest.ExitCode.OK)
