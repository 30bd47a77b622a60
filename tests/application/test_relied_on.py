"""What is relied on and documented nowhere: by pytest, pytest-django, Django and factory_boy."""

from __future__ import annotations

import factory
import pytest
from factory.django import DjangoOptions


def test_the_names_of_an_items_fixtures_and_a_fixture_before_another(pytester: pytest.Pytester) -> None:
    """An item's `fixturenames` may be replaced when it is collected; while a fixture is about to be set up, another one may be."""
    pytester.makeconftest(
        """
import pytest

def pytest_itemcollected(item):
    if "one" in item.name:
        item.fixturenames = [*item.fixturenames, "told"]

def pytest_fixture_setup(fixturedef, request):
    if fixturedef.argname == "late":
        request.getfixturevalue("early")

@pytest.fixture
def told():
    pass

@pytest.fixture
def early():
    yield
    print("early is over")

@pytest.fixture
def late():
    yield
    print("late is over")
"""
    )
    pytester.makepyfile(
        """
import pytest

@pytest.mark.parametrize("name", ["one", "two"])
def test_it(name, late):
    pass
"""
    )
    result = pytester.runpytest_subprocess("--setup-show", "-s", "-p", "no:django")
    result.assert_outcomes(passed=2)
    assert result.stdout.str().count("SETUP    F told") == 1, "of one item and not of its sibling"
    result.stdout.fnmatch_lines(["*SETUP    F early*", "*SETUP    F late*", "*late is over*", "*early is over*"])


def test_a_factory_takes_other_options() -> None:
    """`_options_class` of its base decides what a factory makes of `Meta.model`."""

    class Options(DjangoOptions):
        def get_model_class(self) -> type:
            return dict

    class Base(factory.django.DjangoModelFactory):
        _options_class = Options

        class Meta:
            abstract = True

    class Some(Base):
        class Meta:
            model = "there.IsNone"

    assert Some._meta.get_model_class() is dict


def test_a_factory_counts_by_itself_or_with_another_one() -> None:
    """`_meta.next_sequence` takes the next number, `_meta.counter_reference` is whose it is; options may have a property `model`."""

    class Options(DjangoOptions):
        @property
        def model(self) -> object:
            return self._named

        @model.setter
        def model(self, named: object) -> None:
            self._named = named

    class Base(factory.django.DjangoModelFactory):
        _options_class = Options

        class Meta:
            abstract = True

    class One(Base):
        class Meta:
            model = dict

    class Same(One):
        pass

    assert One._meta.counter_reference is One._meta is Same._meta.counter_reference
    One.reset_sequence(5)
    assert (One._meta.next_sequence(), Same._meta.next_sequence()) == (5, 6)
    assert One._meta.model is dict


def test_what_a_worker_leaves_for_the_controller(pytester: pytest.Pytester) -> None:
    """xdist hands `config.workeroutput` of a worker, as it is when the worker ends, to `pytest_testnodedown`."""
    pytester.makeconftest(
        """
import pytest

@pytest.fixture
def told(request):
    request.config.workeroutput["mine"] = [("a", 1)]

@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    print("told", list(map(tuple, node.workeroutput["mine"])))
"""
    )
    pytester.makepyfile("def test_it(told):\n    pass\n")
    result = pytester.runpytest_subprocess("-n", "1", "-s", "-p", "no:django")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*told [[]('a', 1)[]]*"])
