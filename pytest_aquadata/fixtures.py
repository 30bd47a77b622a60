"""Fixtures and marker for an application's own tests, on top of pytest-django.

``@pytest.mark.aquadata("smoke")`` or the fixture ``aquadata`` give a test a built farm. Every fixture of session scope may be overridden
in a ``conftest.py``. Django, and all of the package but this file, is imported only when a test asks for a farm.
"""

from __future__ import annotations

import contextlib
import unittest
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_aquadata.handle import FarmHandle
    from pytest_aquadata.hosting import Farms

_POINTED = {"function": "aquadata_database", "class": "aquadata_class_database"}
"""The fixture that points Django at a farm, by scope."""


_told = pytest.StashKey[list[tuple[str, str, bool, float]]]()
"""What is to be said of templates: scenario, name, whether it was built now, seconds."""


_said = pytest.StashKey[set[str]]()


@pytest.fixture(scope="session")
def aquadata_scenario() -> str:
    """The scenario of tests that name none."""
    return "smoke"


@pytest.fixture(scope="session")
def aquadata_alias() -> str:
    """The database in Django's settings that has the farm's tables."""
    return "default"


@pytest.fixture(scope="session")
def aquadata_maintenance_database() -> str:
    """The database of the server to connect to while others are made."""
    return "postgres"


@pytest.fixture(scope="session")
def aquadata_farms(request: pytest.FixtureRequest, aquadata_alias: str, aquadata_maintenance_database: str) -> Iterator[Farms]:
    """Templates and copies of this process; made once pytest-django's test database is there."""
    from pytest_aquadata.hosting import Farms

    config = request.config
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    farms = Farms(config, aquadata_alias, aquadata_maintenance_database, worker, config.getini("aquadata_test_database"))
    yield farms
    farms.close()


@pytest.fixture
def aquadata_seed(request: pytest.FixtureRequest) -> Iterator[int]:
    """Random numbers and sequences of factories that follow from the test's node id alone; the seed.

    The same for a test in whichever worker and order it runs. Of all of a project's tests: an autouse fixture that takes this one.
    """
    from pytest_aquadata.factories.seeding import seeded

    with seeded(request.node.nodeid) as seed:
        yield seed


@pytest.fixture
def aquadata_database(request: pytest.FixtureRequest) -> Iterator[FarmHandle | Exception]:
    """Point Django at the test's farm, before pytest-django opens the test's transaction; `aquadata` raises what went wrong."""
    with contextlib.ExitStack() as stack:
        yield _entered(request, stack)


@pytest.fixture(scope="class")
def aquadata_class_database(request: pytest.FixtureRequest) -> Iterator[FarmHandle | Exception]:
    """Point Django at the farm of a `django.test.TestCase`, whose classes open transactions; the handle is its attribute `aquadata`."""
    from django.test import TestCase

    with contextlib.ExitStack() as stack:
        found = _entered(request, stack)
        if not isinstance(found, Exception):
            if not issubclass(request.cls, TestCase):
                _farms(request).give_away(_wanted(request))
            request.cls.aquadata = found
            stack.callback(delattr, request.cls, "aquadata")
        yield found


@pytest.fixture
def aquadata(request: pytest.FixtureRequest) -> FarmHandle:
    """A built farm in the test's own database: batches, containers, the plan, the clock."""
    from django.db import connections

    from pytest_aquadata.errors import AquadataError

    in_class = request.cls is not None and issubclass(request.cls, unittest.TestCase)
    handle: FarmHandle | Exception = request.getfixturevalue("aquadata_class_database" if in_class else "aquadata_database")
    if isinstance(handle, AquadataError):
        pytest.fail(str(handle), pytrace=False)
    if isinstance(handle, Exception):
        raise handle
    if in_class:
        return handle
    request.getfixturevalue("db")
    if not connections[handle.alias].in_atomic_block:
        request.getfixturevalue("aquadata_farms").give_away(_wanted(request))
    return handle


def _entered(request: pytest.FixtureRequest, stack: contextlib.ExitStack) -> FarmHandle | Exception:
    """The farm, entered; or why there is none, since a fixture that fails while another one is set up leaves that half done."""
    try:
        return stack.enter_context(_farms(request).entered(_wanted(request)))
    except Exception as error:
        return error


def _farms(request: pytest.FixtureRequest) -> Farms:
    """The farms of this process, once the test database is there and they have been prepared upon it."""
    request.getfixturevalue("django_db_setup")
    hooks: FarmTests = request.config.pluginmanager.getplugin("aquadata-tests")
    hooks.prepare(request)
    farms: Farms = request.getfixturevalue("aquadata_farms")
    return farms


def _wanted(request: pytest.FixtureRequest) -> str:
    from pytest_aquadata.hosting import scenario_name

    marker = request.node.get_closest_marker("aquadata")
    default = request.getfixturevalue("aquadata_scenario")
    return scenario_name(marker.args if marker else (), tuple(marker.kwargs) if marker else (), default)


def _wants(item: pytest.Item) -> bool:
    return item.get_closest_marker("aquadata") is not None or "aquadata" in getattr(item, "fixturenames", ())


class FarmTests:
    """Hooks of a session in which tests ask for farms; registered when there are such tests."""

    def __init__(self) -> None:
        self._there = self._prepared = False
        self._entered: set[str] = set()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: pytest.FixtureRequest) -> Iterator[None]:
        """Build once the test database is there; point Django at the farm before anything of a test connects."""
        if fixturedef.argname == "django_db_setup":
            yield
            self._there = True
            return
        if self._there and request.scope in _POINTED:
            # now, and not above: an application may have wrapped that fixture, and what it adds is to be there, too
            self.prepare(request)
        point = _POINTED.get(request.scope)
        if point and request.node.nodeid not in self._entered and _is_pointed(request):
            self._entered.add(request.node.nodeid)
            if fixturedef.argname != point:
                request.getfixturevalue(point)
        yield

    def prepare(self, request: pytest.FixtureRequest) -> None:
        """Find or build, once, what the tests of this process ask for."""
        if self._prepared:
            return
        self._prepared = True
        from pytest_aquadata.errors import AquadataError
        from pytest_aquadata.hosting import scenario_name

        default = request.getfixturevalue("aquadata_scenario")
        names = []
        for item in filter(_wants, request.session.items):
            marker = item.get_closest_marker("aquadata")
            # a marker that is wrong says so in its own test
            with contextlib.suppress(AquadataError):
                names.append(scenario_name(marker.args if marker else (), tuple(marker.kwargs) if marker else (), default))
        with request.getfixturevalue("django_db_blocker").unblock():
            farms = request.getfixturevalue("aquadata_farms")
            farms.prepare(list(dict.fromkeys(names)))
        request.config.stash[_told] = farms.told
        if hasattr(request.config, "workeroutput"):
            request.config.workeroutput["aquadata_templates"] = farms.told


def _is_pointed(request: pytest.FixtureRequest) -> bool:
    """Whether Django is to be pointed at a farm for this node: a test function, or a class of unittest with a marker."""
    in_unittest = request.cls is not None and issubclass(request.cls, unittest.TestCase)
    if request.scope == "class":
        return in_unittest and request.node.get_closest_marker("aquadata") is not None
    return not in_unittest and _wants(request.node)


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test that asks for a farm uses the fixture and, for pytest-django to know it, the database."""
    if _wants(item):
        names = getattr(item, "fixturenames", [])
        # of functions, and the list is shared by all that a parametrized one makes; pytest documents no other way this late
        item.fixturenames = [*names, *(name for name in ("db", "aquadata") if name not in names)]  # type: ignore[attr-defined]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have the hooks that point Django at farms, once any test asks for one."""
    if not any(map(_wants, items)) or config.pluginmanager.hasplugin("aquadata-tests"):
        return
    if not config.pluginmanager.hasplugin("django"):
        raise pytest.UsageError("tests ask for a farm, which needs pytest-django: pip install 'pytest-aquadata[django]'")
    config.pluginmanager.register(FarmTests(), "aquadata-tests")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from an xdist worker which templates it had."""
    node.config.stash.setdefault(_told, []).extend(map(tuple, getattr(node, "workeroutput", {}).get("aquadata_templates", ())))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say which templates were built or found, and how long that took."""
    # of several workers that wait for one template, one has built it
    for scenario, name, built, seconds in sorted(config.stash.get(_told, ()), key=lambda each: (each[0], not each[2], -each[3])):
        if scenario not in (said := config.stash.setdefault(_said, set())):
            said.add(scenario)
            terminalreporter.write_line(f"aquadata: {scenario} {'built' if built else 'found'} in {seconds:.1f} s (template {name})")
