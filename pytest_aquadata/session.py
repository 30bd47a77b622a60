"""The hooks of a session that builds a farm: plan once, open the database, hand both to xdist workers, leave everything in order.

The controller (or the only process) reads the scenario, plans it, opens the database and holds the run; a worker gets the finished plan and
the database's address. Registered with pytest only when ``--aquadata`` is given.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from pytest_aquadata import terminal
from pytest_aquadata.collecting import Collecting
from pytest_aquadata.context import Farm
from pytest_aquadata.display import Display
from pytest_aquadata.document import document
from pytest_aquadata.errors import AquadataError, EnvironmentFault
from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT
from pytest_aquadata.farm import setup
from pytest_aquadata.handing import check, join, leave
from pytest_aquadata.items import FarmItem, Phase, phase_of
from pytest_aquadata.judging import Judging
from pytest_aquadata.load.ledger import BatchState, RunState
from pytest_aquadata.load.sink import OpenedTarget
from pytest_aquadata.load.target import open_target
from pytest_aquadata.logs import open_folder
from pytest_aquadata.making import hand_over, make_farm
from pytest_aquadata.options import Options
from pytest_aquadata.outcomes import Outcomes
from pytest_aquadata.outputs import Outputs
from pytest_aquadata.report.base import Section, Source
from pytest_aquadata.report.page import render
from pytest_aquadata.whereabouts import name_the_file
from pytest_aquadata.workers import Workers


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
        self.workers = Workers(farm)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Open the database before xdist starts its workers."""
        if not self.is_worker and not self.collects_only:
            options = self.farm.options
            with _refused():
                self._outputs = Outputs(options)
                if self.farm.log_dir is not None:
                    open_folder(self.farm.log_dir)
                self.target = self._open(options)
            self.farm.url, self.farm.replace, self.farm.refusal = self.target.url, self.target.replace, self.target.refusal
            if options.engine == "dask" and not options.to:
                self.farm.judging = Judging(self.target.url)
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
        with _refused():
            # only of a run of this very version: another one may keep its ledger otherwise
            if self.target.run_state(self.farm.fingerprint) is not RunState.ABSENT:
                self.target.plan_again(self.farm.fingerprint, self.farm.plan, self.farm.options.batches)
            if Phase.BUILD in phases:
                # a sample had room; what goes on from it may need much more
                built = set(self._built())
                if missing := [batch for batch in self.farm.batches if batch.name not in built]:
                    self.target.check_room(self.farm.plan, missing)
                if self.farm.options.engine == "dask":
                    self.farm.futures = join(self.farm, self.target)

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
        if self.target is not None:
            hand_over(node, self.farm, self.target)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leave the database in order, however the session ended."""
        if self.farm.url is None:
            return
        if self.farm.judging is not None:
            self.farm.judging.close()
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
        if left := self.workers.left:
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


@contextmanager
def _refused() -> Iterator[None]:
    """What stands in a session's way as pytest says such things, in words alone; where it is the environment, the exit code says so too.

    Raises:
        pytest.UsageError: something does.
    """
    try:
        yield
    except EnvironmentFault as error:
        raise pytest.UsageError(str(error)) from error
    except AquadataError as error:
        raise pytest.UsageError(str(error)) from None
    except psycopg.Error as error:
        fault = EnvironmentFault(f"the database refused: {str(error).strip()}")
        raise pytest.UsageError(str(fault)) from fault


def start_session(config: pytest.Config, options: Options) -> None:
    """Read and plan the scenario and register its session with pytest.

    Raises:
        pytest.UsageError: the scenario is wrong or its plan does not fit; the text says all that is.
    """
    with _refused():
        check(config, options)
        farm = make_farm(config, options)
    name_the_file(config, farm.path)
    farm_session = FarmSession(config, farm)
    config.pluginmanager.register(farm_session, "aquadata-session")
    config.pluginmanager.register(farm_session.workers, "aquadata-workers")
    config.pluginmanager.register(Collecting(config, farm), "aquadata-collecting")
    config.pluginmanager.register(farm_session.outcomes, "aquadata-outcomes")
