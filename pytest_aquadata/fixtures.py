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
    farms = Farms(config.rootpath, aquadata_alias, aquadata_maintenance_database, worker, config.getini("aquadata_test_database"))
    yield farms
    farms.close()


@pytest.fixture
def aquadata_database(request: pytest.FixtureRequest) -> Iterator[FarmHandle]:
    """Point Django at the test's farm, before pytest-django opens the test's transaction."""
    request.getfixturevalue("django_db_setup")
    with request.getfixturevalue("aquadata_farms").entered(_wanted(request)) as handle:
        yield handle


@pytest.fixture(scope="class")
def aquadata_class_database(request: pytest.FixtureRequest) -> Iterator[FarmHandle]:
    """Point Django at the farm of a `django.test.TestCase`, whose classes open transactions; the handle is its attribute `aquadata`."""
    from django.test import TestCase

    request.getfixturevalue("django_db_setup")
    farms, name = request.getfixturevalue("aquadata_farms"), _wanted(request)
    with farms.entered(name) as handle:
        if not issubclass(request.cls, TestCase):
            farms.give_away(name)
        request.cls.aquadata = handle
        yield handle
        del request.cls.aquadata


@pytest.fixture
def aquadata(request: pytest.FixtureRequest) -> FarmHandle:
    """A built farm in the test's own database: batches, containers, the plan, the clock."""
    from django.db import connections

    from pytest_aquadata.errors import AquadataError

    in_class = request.cls is not None and issubclass(request.cls, unittest.TestCase)
    try:
        handle: FarmHandle = request.getfixturevalue("aquadata_class_database" if in_class else "aquadata_database")
    except AquadataError as error:
        pytest.fail(str(error), pytrace=False)
    if in_class:
        return handle
    request.getfixturevalue("db")
    if not connections[handle.alias].in_atomic_block:
        request.getfixturevalue("aquadata_farms").give_away(_wanted(request))
    return handle


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
        self._depth = 0
        self._entered: set[str] = set()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: pytest.FixtureRequest) -> Iterator[None]:
        """Build once the test database is there; point Django at the farm before anything of a test connects."""
        if fixturedef.argname == "django_db_setup":
            # an application may have wrapped it: what it adds is to be there, too
            self._depth += 1
            yield
            self._depth -= 1
            if not self._depth:
                _prepare(request)
            return
        point = _POINTED.get(request.scope)
        if point and request.node.nodeid not in self._entered and _is_pointed(request):
            self._entered.add(request.node.nodeid)
            if fixturedef.argname != point:
                # its failure is remembered and raised for `aquadata`; here it would leave another fixture half set up
                with contextlib.suppress(Exception, pytest.fail.Exception):
                    request.getfixturevalue(point)
        yield


def _is_pointed(request: pytest.FixtureRequest) -> bool:
    """Whether Django is to be pointed at a farm for this node: a test function, or a class of unittest with a marker."""
    in_unittest = request.cls is not None and issubclass(request.cls, unittest.TestCase)
    if request.scope == "class":
        return in_unittest and request.node.get_closest_marker("aquadata") is not None
    return not in_unittest and _wants(request.node)


def _prepare(request: pytest.FixtureRequest) -> None:
    from pytest_aquadata.errors import AquadataError
    from pytest_aquadata.hosting import scenario_name

    default = request.getfixturevalue("aquadata_scenario")
    names = []
    for item in request.session.items:
        if _wants(item):
            marker = item.get_closest_marker("aquadata")
            try:
                names.append(scenario_name(marker.args if marker else (), tuple(marker.kwargs) if marker else (), default))
            except AquadataError:
                continue  # the test says so itself
    with request.getfixturevalue("django_db_blocker").unblock():
        request.getfixturevalue("aquadata_farms").prepare(list(dict.fromkeys(names)))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marked tests use the fixture, and the hooks are there, once any test asks for a farm."""
    wanting = [item for item in items if _wants(item)]
    if not wanting:
        return
    if not config.pluginmanager.hasplugin("django"):
        raise pytest.UsageError("tests ask for a farm, which needs pytest-django: pip install 'pytest-aquadata[django]'")
    for item in wanting:
        names = getattr(item, "fixturenames", [])
        if "aquadata" not in names:
            item.fixturenames = [*names, "aquadata"]  # type: ignore[attr-defined]  # of functions; pytest names it nowhere
    if not config.pluginmanager.hasplugin("aquadata-tests"):
        config.pluginmanager.register(FarmTests(), "aquadata-tests")
