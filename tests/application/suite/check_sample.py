"""The suite of an application that is unlike the reference farm; run by test_sample.py."""

import pytest
from batch.models import Batch, BatchCreationWorkflow, LifeCycleStage, MortalityEvent, Species
from django.apps import apps
from django.db import connection
from health.models import JournalEntry, LiceCount
from infrastructure.models import Geography


@pytest.mark.django_db
def test_its_own_rows():
    assert Batch.objects.count() == 1


def test_every_signal_raises():
    with pytest.raises(AssertionError, match="a signal of Species"):
        Species().save()


@pytest.mark.aquadata("small")
@pytest.mark.django_db
def test_own_rows_are_there_and_as_they_were():
    own = Batch.objects.get(batch_number="OWN-1")
    assert (own.pk, own.site_code, own.lifecycle_stage.name, own.species.name) == (40, "own", "Ova", "Lax")
    assert Species.objects.get().name == "Lax"
    assert list(LifeCycleStage.objects.filter(order=1).values_list("pk", "name")) == [(9, "Ova")]
    assert Geography.objects.get(name="Faroe Islands").pk == 5
    assert apps.get_model("accounts.Member").objects.get(email="own@example.org").badge == "1"


def test_the_farm_is_behind_them(aquadata):
    batches = list(aquadata.batches())
    assert [batch.pk for batch in batches] == [41, 42, 43]
    assert {batch.species.pk for batch in batches} == {3}
    assert {batch.lifecycle_stage_id for batch in aquadata.batches(stage=1)} == {9}
    assert Batch.objects.count() == 4
    # a sequence that is behind would give an id twice
    assert Batch.objects.bulk_create([Batch(batch_number="NEW", species_id=3, lifecycle_stage_id=9, start_date=aquadata.as_of)])[0].pk == 44


def test_columns_that_the_farm_does_not_know(aquadata):
    batches = list(aquadata.batches())
    assert {(batch.site_code, batch.revision, batch.remark, str(batch.share)) for batch in batches} == {("F-1", 7, "", "0.25")}
    assert len({batch.reference for batch in batches}) == 3
    assert all(batch.checked_at == batch.created_at for batch in batches)
    assert all(batch.entered_on == batch.start_date and batch.took is None for batch in batches)
    assert all(batch.created_at.date() == batch.start_date for batch in batches), "moments are the farm's, not now"
    assert {event.revision for event in MortalityEvent.objects.all()} == {7}
    assert {member.badge for member in apps.get_model("accounts.Member").objects.exclude(badge="1")} == {"none"}


def test_the_history_says_created(aquadata):
    kept = apps.get_model("batch.HistoricalBatch").objects.order_by("id")
    assert [(row.id, row.batch_number, row.site_code, row.history_type) for row in kept] == [
        (batch.pk, batch.batch_number, "F-1", "+") for batch in aquadata.batches()
    ]
    assert [row.history_date for row in kept] == [batch.created_at for batch in aquadata.batches()]


def test_names_that_have_changed(aquadata):
    assert {batch.pinned_projection_run.batch for batch in aquadata.batches()} == set(aquadata.batches())
    assert LiceCount._meta.db_table == "fish_lice"
    flow = BatchCreationWorkflow.objects.first()
    assert flow.created_by.email.endswith("@") is False


def test_what_cannot_be_filled_is_empty(aquadata):
    assert JournalEntry.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'finance%%'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_a_batch_of_an_age_from_a_factory():
    from pytest_aquadata.factories import BatchFactory, MortalityEventFactory

    own = {"columns": {"auth_user": {"badge": "none"}, "batch_batch": {"site_code": "F-9"}}}
    small = {"eggs": "2000..3000", "containers_per_stage": 2, "readings": {"times": ["12:00"]}, "aquadata": own}
    before = Batch.objects.count()
    made = BatchFactory(age_days=30, scenario=small)
    assert (made.site_code, made.revision, made.pinned_projection_run.batch) == ("F-9", 7, made)
    stays = made.batchcontainerassignment_set.all()
    assert stays.count() == 2
    assert apps.get_model("environmental.EnvironmentalReading").objects.filter(batch=made).count() > 30
    assert Batch.objects.count() == before + 1
    events = MortalityEventFactory.create_batch(100, assignment=stays[0], batch=made)
    assert {(each.revision, each.assignment_id) for each in events[0].__class__.objects.filter(pk__in=[e.pk for e in events])} == {
        (7, stays[0].pk)
    }
