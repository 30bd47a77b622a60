"""Factories in an application's suite: registered with pytest-factoryboy, and the same for a test in any worker and order."""

from __future__ import annotations

import pytest
from django_project import Application

pytest.importorskip("pytest_django", reason="pytest-django is not installed")

CONFTEST = """
import pytest

def pytest_collection_modifyitems(config, items):
    import os, random
    if seed := os.environ.get("SHUFFLED"):
        random.Random(int(seed)).shuffle(items)

@pytest.fixture(autouse=True)
def seeded(aquadata_seed):
    return aquadata_seed
"""
SEEDED = """
import os, pathlib
import factory, pytest
from pytest_aquadata import factories

OUT = pathlib.Path(os.environ["OUT"])

class CatchFactory(factory.DictFactory):
    weight = factory.Faker("random_int")
    size = factory.fuzzy.FuzzyInteger(1, 10**9)

@pytest.fixture(scope="module")
def of_the_module(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        made = factories.UserFactory.create()
        yield made
        made.delete()

@pytest.mark.parametrize("n", range(9))
@pytest.mark.django_db
def test_it(n, of_the_module, seeded):
    users = [factories.UserFactory.create() for _ in range(n % 3 + 1)]
    assert of_the_module.username not in {user.username for user in users}
    batch = factories.BatchFactory.create()
    old = factories.BatchFactory.build(age_days=10 + n)
    said = [user.username for user in users], batch.batch_number, CatchFactory(), old.batch_number, seeded
    (OUT / str(n)).write_text(repr(said))
"""


def test_seeds_hold_in_any_worker_and_order(application: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    application.write("conftest.py", CONFTEST)
    application.write("test_seeded.py", SEEDED.replace("import factory, pytest", "import factory, factory.fuzzy, pytest"))
    seen = []
    for number, (workers, shuffled) in enumerate([("0", ""), ("3", ""), ("0", "1"), ("3", "2")]):
        out = application.pytester.mkdir(f"out{number}")
        monkeypatch.setenv("OUT", str(out))
        monkeypatch.setenv("SHUFFLED", shuffled)
        application.run("-n", workers).assert_outcomes(passed=9)
        seen.append({file.name: file.read_text() for file in out.iterdir()})
    assert len(seen[0]) == 9
    assert seen[0] == seen[1] == seen[2] == seen[3]
    assert len({text.rpartition(",")[2] for text in seen[0].values()}) == 9, "each test has a seed of its own"


@pytest.mark.parametrize("strangers", [()], ids=["every plugin"])
def test_every_factory_with_pytest_factoryboy(application: Application) -> None:
    pytest.importorskip("pytest_factoryboy", reason="pytest-factoryboy is not installed")
    application.write(
        "conftest.py",
        """
from pytest_factoryboy import register
from pytest_aquadata import factories

NAMES = [name for name in factories.__all__ if name.endswith("Factory")]
for name in NAMES:
    register(getattr(factories, name))
register(factories.BatchFactory, "fallow", status="COMPLETED")
""",
    )
    application.write(
        "test_it.py",
        """
import inflection, pytest
from pytest_aquadata import factories

NAMES = [name for name in factories.__all__ if name.endswith("Factory")]

@pytest.mark.parametrize("name", NAMES)
@pytest.mark.django_db
def test_its_fixtures(name, request):
    factory = getattr(factories, name)
    made = request.getfixturevalue(inflection.underscore(factory._meta.model.__name__))
    assert type(made).objects.get(pk=made.pk) == made
    assert request.getfixturevalue(inflection.underscore(name)) is factory

@pytest.mark.django_db
def test_named(fallow, batch, batch_factory):
    assert (fallow.status, batch.status) == ("COMPLETED", "ACTIVE")
    assert batch_factory.build(age_days=95).lifecycle_stage.order == 2

@pytest.mark.parametrize("batch__status", ["PLANNED"])
@pytest.mark.django_db
def test_attributes(mortality_event, batch):
    assert batch.status == "PLANNED"
    assert mortality_event.batch == mortality_event.assignment.batch == batch
""",
    )
    result = application.run("-p", "no:randomly")
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed"}, result.stdout.str()
    assert outcomes["passed"] > 50
