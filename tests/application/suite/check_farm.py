"""A suite as an application has it, run by test_fixtures.py: tests that ask for a farm beside tests that must not see one."""

import threading
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test import TestCase, TransactionTestCase

Batch = apps.get_model("batch.Batch")


@pytest.mark.django_db
def test_without_a_farm():
    assert Batch.objects.count() == 0


@pytest.mark.aquadata("small")
@pytest.mark.django_db
def test_the_marker_and_a_rollback():
    assert Batch.objects.count() == 3
    assert Batch.objects.update(notes="changed") == 3


def test_the_fixture(aquadata):
    assert aquadata.scenario.name == "small"
    assert {batch.notes for batch in aquadata.batches()} == {""}
    assert aquadata.batches().model is Batch
    assert [batch.batch_number for batch in aquadata.batches(stage="Fry")] == ["FAR-2025-001"]
    assert aquadata.batches(status="ACTIVE", stage=1).count() == 2
    assert aquadata.batches(status="COMPLETED").count() == 0
    planned = aquadata.plan.simulation.batches
    assert [batch.name for batch in planned] == [batch.batch_number for batch in aquadata.batches()]
    assert aquadata.batch("SCO-2025-001").batch_number == "SCO-2025-001"
    with pytest.raises(LookupError, match="no batch 'SCO-2025-009'; it has FAR-2025-001, FAR-2025-002, SCO-2025-001"):
        aquadata.batch("SCO-2025-009")
    assert aquadata.clock.date() == aquadata.as_of == date(2025, 6, 1)
    first = aquadata.batch("FAR-2025-001")
    assert {stay.batch for stay in aquadata.assignments(on=first.start_date)} == {first}
    assert aquadata.containers(on=first.start_date).count() == 2
    assert aquadata.containers(on=first.start_date - timedelta(days=1)).count() == 0
    # on the day of a move the destinations are held, and the sources no more
    moved = aquadata.assignments(on=first.start_date + timedelta(days=90)).filter(batch=first)
    assert {stay.lifecycle_stage.order for stay in moved} == {2}
    assert aquadata.containers().count() == 6


def _in_another_connection():
    """What a thread with a connection of its own is told when it writes."""
    told = []

    def write():
        try:
            told.append(Batch.objects.update(notes="thread"))
        except Exception as error:
            told.append(str(error))
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    return told[0]


@pytest.mark.aquadata
def test_a_write_outside_the_transaction_is_refused():
    assert "read-only transaction" in _in_another_connection()


@pytest.mark.aquadata
@pytest.mark.django_db(transaction=True)
def test_one_that_commits_has_the_farm_to_itself():
    assert _in_another_connection() == 3
    assert Batch.objects.filter(notes="thread").count() == 3


@pytest.mark.parametrize("again", [1, 2])
def test_one_that_commits_leaves_nothing(aquadata, transactional_db, again):
    assert aquadata.batches().filter(notes="").count() == 3
    aquadata.batches().delete()


@pytest.mark.django_db
def test_without_a_farm_after_all():
    assert Batch.objects.count() == 0


@pytest.mark.aquadata
class TestOfDjango(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.there = Batch.objects.count()

    def test_it(self):
        assert self.there == self.aquadata.batches().update(notes="unit") == 3

    def test_it_again(self):
        assert self.aquadata.batches().filter(notes="").count() == 3


@pytest.mark.aquadata("small")
class TestThatCommits(TransactionTestCase):
    def test_it(self):
        assert _in_another_connection() == 3


class TestOfDjangoWithoutAFarm(TestCase):
    def test_it(self):
        assert Batch.objects.count() == 0
