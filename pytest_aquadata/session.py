"""The hooks of a session that builds a farm: plan once, open the database, hand both to xdist workers, leave everything in order.

The controller (or the only process) reads the scenario, plans it, opens the database and holds the run; a worker gets the finished plan and
the database's address. Registered with pytest only when ``--aquadata`` is given.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pytest_aquadata import terminal
from pytest_aquadata.context import Farm
from pytest_aquadata.display import Display
from pytest_aquadata.document import document
from pytest_aquadata.errors import AquadataError, EnvironmentFault
from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT
from pytest_aquadata.farm import setup
from pytest_aquadata.handing import check, join, leave
from pytest_aquadata.handover import Handover, taken
from pytest_aquadata.items import BuildItem, FarmItem, Phase, ScenarioFile, phase_of
from pytest_aquadata.load.ledger import BatchState, RunState
from pytest_aquadata.load.sink import OpenedTarget
from pytest_aquadata.load.target import open_target
from pytest_aquadata.logs import open_folder
from pytest_aquadata.options import Options
from pytest_aquadata.outcomes import Outcomes
from pytest_aquadata.outputs import Outputs
from pytest_aquadata.report.base import Section, Source
from pytest_aquadata.report.page import render
from pytest_aquadata.scenario.load import find_scenario, load_scenario
from pytest_aquadata.verify import registry
from pytest_aquadata.whereabouts import name_the_file, normal, shown_id

if TYPE_CHECKING:
    from pytest_aquadata.scheduling import PhaseScheduling

_RERUN = ("aquadata_rerun", "its worker crashed")
"""Property of the report of a step that is given to another worker."""

INPUT = "aquadata"
"""Key of what the controller hands to its workers."""


def make_farm(config: pytest.Config, options: Options) -> Farm:
    """Read and plan a scenario; a worker takes what the controller made of it.

    Raises:
        AquadataError: the scenario is wrong, its plan does not fit, or it has no such batch.
    """
    handed: dict[str, Any] | None = getattr(config, "workerinput", {}).get(INPUT)
    if handed is not None:
        plan = taken(Path(handed["plan"]))
        worker = config.workerinput["workerid"]  # type: ignore[attr-defined]  # xdist's
        return Farm(
            options,
            Path(handed["path"]),
            plan,
            alone=False,
            url=handed["url"],
            replace=handed["replace"],
            refusal=handed["refusal"],
            worker=worker,
            workshop=Path(handed["plan"]).parent,
        )
    path = normal(find_scenario(options.scenario, config.rootpath))
    scenario = load_scenario(path, options.overrides, today=date.today(), root=config.rootpath)
    config.hook.pytest_aquadata_scenario_loaded(config=config, scenario=scenario)
    scenario = scenario.with_columns(config.hook.pytest_aquadata_columns(config=config, scenario=scenario))
    scenario = scenario.with_criteria(config.hook.pytest_aquadata_criteria(config=config, scenario=scenario))
    for name, spec in scenario.criteria.items():
        registry.criterion_for(name, spec)  # one of another package that cannot be loaded is an error now, not after the build
    handover = Handover()
    farm = Farm(options, path, handover.plan(scenario), alone=True, handover=handover)
    config.hook.pytest_aquadata_plan_made(config=config, plan=farm.plan)
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
        self.target: OpenedTarget | None = None
        self.summary: list[str] = []
        self.display: Display | None = None
        self.outcomes = Outcomes()
        self._outputs: Outputs | None = None
        self._started = time.monotonic()
        self._scheduler: PhaseScheduling | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Open the database before xdist starts its workers."""
        if not self.is_worker and not self.collects_only:
            options = self.farm.options
            try:
                self._outputs = Outputs(options)
                if self.farm.log_dir is not None:
                    open_folder(self.farm.log_dir)
                self.target = self._open(options)
            except EnvironmentFault as error:
                raise pytest.UsageError(str(error)) from error
            except AquadataError as error:
                raise pytest.UsageError(str(error)) from None
            except psycopg.Error as error:
                fault = EnvironmentFault(f"the database refused: {str(error).strip()}")
                raise pytest.UsageError(str(fault)) from fault
            self.farm.url, self.farm.replace, self.farm.refusal = self.target.url, self.target.replace, self.target.refusal
            self.display = Display(self.config, self.farm, self._built)
            self.config.pluginmanager.register(self.display, "aquadata-display")

    def _open(self, options: Options) -> OpenedTarget:
        plan, fingerprint = self.farm.plan, self.farm.fingerprint
        if options.to:
            from pytest_aquadata.lake.target import address, open_data_set

            return open_data_set(address(options.to), plan, fingerprint, options.create)
        setup.refuse_application(self.config.pluginmanager.hasplugin("django"), options.database)
        return open_target(
            options.database, options.home, plan, fingerprint, options.create, "database" in options.typed, self.farm.batches
        )

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Without workers: now it is known what the session is to do."""
        self._begin({item.phase for item in session.items if isinstance(item, FarmItem)})

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """With workers: a worker has collected, and none has begun."""
        self._begin({phase for phase in map(phase_of, ids) if phase is not None})

    def _begin(self, phases: set[Phase]) -> None:
        """Before the first item: a session that only verifies writes nothing; any other has to be allowed to, and takes up what is left.

        Raises:
            pytest.UsageError: nothing may be written to the database.
        """
        if self.target is None or self.farm.writes or phases <= {Phase.VERIFY}:
            return
        if self.target.refusal:
            raise pytest.UsageError(f"{self.target.refusal}\n    or verify what it holds: add -m aquadata_verify")
        self.farm.writes = True
        try:
            # only of a run of this very version: another one may keep its ledger otherwise
            if self.target.run_state(self.farm.fingerprint) is not RunState.ABSENT:
                self.target.plan_again(self.farm.fingerprint, self.farm.plan, self.farm.options.batches)
            if Phase.BUILD in phases:
                # a sample had room; what goes on from it may need much more
                built = set(self._built())
                if missing := [batch for batch in self.farm.batches if batch.name not in built]:
                    self.target.check_room(self.farm.plan, missing)
        except EnvironmentFault as error:
            raise pytest.UsageError(str(error)) from None
        except psycopg.Error as error:
            raise pytest.UsageError(f"the database refused: {str(error).strip()}") from None
        if self.farm.options.engine == "dask" and Phase.BUILD in phases:
            try:
                self.farm.futures = join(self.farm, self.target)
            except EnvironmentFault as error:
                raise pytest.UsageError(str(error)) from error
            except AquadataError as error:
                raise pytest.UsageError(str(error)) from None

    def _built(self) -> list[str]:
        """Names of the batches that are built already; of this run only, as above. None where the server is lost: the items will say so."""
        if self.target is None:
            return []
        try:
            if self.target.run_state(self.farm.fingerprint) is RunState.ABSENT:
                return []
            states = self.target.batch_states(self.farm.fingerprint, self.farm.plan)
        except psycopg.OperationalError:
            return []
        return [batch.name for batch in self.farm.plan.simulation.batches if states.get(batch.number) is BatchState.BUILT]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand plan and database to an xdist worker."""
        if self.target is None:
            return
        assert self.farm.handover is not None
        node.workerinput[INPUT] = {
            "path": str(self.farm.path),
            "plan": str(self.farm.handover.leave(self.farm.plan)),
            "url": self.target.url,
            "replace": self.target.replace,
            "refusal": self.target.refusal,
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
        file: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path, nodeid=shown_id(self.config, file_path))
        file.farm = self.farm
        return file

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Iterator[None]:
        """Keep the phases in order, whoever shuffled or filtered the items."""
        yield
        # a file that is named twice, by itself and by its folder, is collected twice by some versions of pytest
        once = {item.nodeid: item for item in items if isinstance(item, FarmItem)}
        items[:] = [item for item in items if not isinstance(item, FarmItem) or once[item.nodeid] is item]
        items.sort(key=self._place)
        self.farm.selected[:] = [item.batch.number for item in items if isinstance(item, BuildItem)]

    def _place(self, item: pytest.Item) -> tuple[bool, int, int]:
        """Where an item stands. Batches that are tasks elsewhere are handed out in the order of their items: the longest first."""
        if not isinstance(item, FarmItem):
            return False, 0, 0
        longest = self.farm.options.engine == "dask" and isinstance(item, BuildItem)
        return True, item.phase, -self._size(item.nodeid) if longest else 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self) -> Any:
        """Phases need a scheduler that knows them, whatever ``--dist`` says."""
        from pytest_aquadata.scheduling import PhaseScheduling

        self._scheduler = PhaseScheduling(lambda nodeid: phase_of(nodeid) or Phase.PREPARE, self._size)
        return self._scheduler

    def _size(self, nodeid: str) -> int:
        """How long an item takes, beside others of its phase: by the rows that it makes, or as its criterion was measured."""
        name = nodeid.rpartition("[")[2].removesuffix("]")
        match phase_of(nodeid):
            case Phase.BUILD:
                return self._rows_of_batches.get(name, 0)
            case Phase.VERIFY:
                return registry.effort(name)
            case _:
                return 0

    @cached_property
    def _rows_of_batches(self) -> dict[str, int]:
        return {batch.name: int(self.farm.plan.counts[batch.number - 1].sum()) for batch in self.farm.batches}

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport, sched: Any) -> None:
        """Give a step that lost its worker to another one; its batch was rolled back."""
        if phase_of(crashitem) is not None and sched.may_run_again(crashitem):
            sched.mark_test_pending(crashitem)
            # 'skipped' for reports that know no more than three outcomes; the terminal is told below
            report.outcome = "skipped"
            report.longrepr = (crashitem.partition("::")[0], 0, f"{report.longrepr}; it is run again")
            report.user_properties.append(_RERUN)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """A step that is run again has neither passed nor failed."""
        return ("rerun", "R", "RERUN") if _RERUN in getattr(report, "user_properties", ()) else None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leave the database in order, however the session ended."""
        if self.farm.url is None:
            return
        try:
            if self.target is not None and self.display is not None:
                workers = leave(self.farm, self.target, hurry=session.exitstatus == pytest.ExitCode.INTERRUPTED)
                seconds, verbose = time.monotonic() - self._started, self.config.getoption("verbose")
                self.summary = terminal.summary(self.farm, self.target, self.display.tally, self.display.times, seconds, verbose)
                self.summary += [line for entry in terminal.left_out_lines(self.outcomes.criteria) for line in entry.splitlines()]
                self.summary += workers
                self._deliver(session, self.display)
        except (AquadataError, psycopg.Error) as error:
            self.outcomes.note(error)
            self._complain(session, f"the database could not be left in order: {str(error).strip()}", f"to go on  {self.farm.command()}")
        finally:
            self.farm.run.close()
        if self._scheduler is not None and (left := self._scheduler.left):
            self.outcomes.environment = True
            self._complain(session, f"not run, as no worker was left for them: {', '.join(name.rpartition('::')[2] for name in left)}")
        if not self.is_worker and self.outcomes.environment and session.exitstatus == pytest.ExitCode.TESTS_FAILED:
            session.exitstatus = EXIT_ENVIRONMENT

    def _deliver(self, session: pytest.Session, display: Display) -> None:
        """Write what the session was asked to leave for machines."""
        if self._outputs is None or not self._outputs.wanted:
            return
        farm = self.farm
        said = document(farm, self.outcomes, display.tally, display.times, self.config.rootpath)

        def page() -> str:
            with farm.run.reading() as conn:
                return render(conn, farm.plan, said, "\n".join(terminal.plan_lines(farm.plan)), self._sections)

        lines, wrong = self._outputs.write(said, page)
        self.summary += lines
        if wrong:
            self._complain(session, *wrong)

    def _sections(self, source: Source) -> list[Section]:
        """What hooks add to the report."""
        given = self.config.hook.pytest_aquadata_report_sections(config=self.config, source=source)
        return [section for each in given for section in ([each] if isinstance(each, Section) else each)]

    def _complain(self, session: pytest.Session, *lines: str) -> None:
        """Say at the end what went wrong outside any item; a session that would have passed has failed."""
        self.summary += lines
        if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The plan when only collecting; else what was built and how to use it."""
        lines = terminal.farm_lines(self.farm) if self.collects_only else self.summary
        if lines:
            terminalreporter.write_sep("=", f"aquadata: {self.farm.scenario.name}")
            for line in lines:
                terminalreporter.write_line(line)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Release the server and remove the plan's files."""
        if self.target is not None:
            self.target.close()
        if self.farm.handover is not None:
            self.farm.handover.close()


def start_session(config: pytest.Config, options: Options) -> None:
    """Read and plan the scenario and register its session with pytest.

    Raises:
        pytest.UsageError: the scenario is wrong or its plan does not fit; the text says all that is.
    """
    try:
        check(config, options)
        farm = make_farm(config, options)
    except AquadataError as error:
        raise pytest.UsageError(str(error)) from None
    name_the_file(config, farm.path)
    farm_session = FarmSession(config, farm)
    config.pluginmanager.register(farm_session, "aquadata-session")
    config.pluginmanager.register(farm_session.outcomes, "aquadata-outcomes")
