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
