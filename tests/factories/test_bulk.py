"""Many objects by one COPY: equal to those saved one by one, with ids, without signals, and gone with the transaction."""

from __future__ import annotations

import pytest

from pytest_aquadata import factories
from pytest_aquadata.factories.base import EventFactory

pytestmark = pytest.mark.usefixtures("farm")

EVENTS = sorted(name for name in factories.__all__ if name.endswith("Factory") and issubclass(getattr(factories, name), EventFactory))


def _values(objects: list) -> list[tuple]:
    fields = [field for field in objects[0]._meta.concrete_fields if not field.primary_key and not field.is_relation]
    again = type(objects[0]).objects.in_bulk([each.pk for each in objects])
    return [tuple(getattr(again[each.pk], field.attname) for field in fields) for each in objects]


@pytest.mark.parametrize("name", EVENTS)
def test_equal_to_those_saved_one_by_one(name: str) -> None:
    factory = getattr(factories, name)
    factory.reset_sequence(50, force=True)
    one_by_one = super(EventFactory, factory).create_batch(3)
    factory.reset_sequence(50, force=True)
    copied = factory.create_batch(3)
    assert _values(copied) == _values(one_by_one)
    assert all(not each._state.adding for each in copied)
    # the sequence is behind them
    assert factory.create().pk > max(each.pk for each in copied) > max(each.pk for each in one_by_one)


def test_signals_transaction_and_parents() -> None:
    from django.db import IntegrityError, transaction
    from django.db.models.signals import post_save, pre_save

    stay = factories.BatchContainerAssignmentFactory.create()
    sent = []

    def note(sender: type, **_: object) -> None:
        sent.append(sender)

    for signal in (pre_save, post_save):
        signal.connect(note)
    try:
        with transaction.atomic():
            made = factories.MortalityEventFactory.create_batch(1_000, assignment=stay)
            assert type(made[0]).objects.filter(assignment=stay).count() == 1_000
            transaction.set_rollback(True)
    finally:
        for signal in (pre_save, post_save):
            signal.disconnect(note)
    assert sent == []
    model = type(made[0])
    assert model.objects.filter(assignment=stay).count() == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.MortalityEventFactory.create_batch(2, assignment=stay, id=7)
    assert model.objects.filter(assignment=stay).count() == 0
    assert factories.MortalityEventFactory.create_batch(0) == []


def test_it_asks_the_server_no_more_for_more_rows() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    stay = factories.BatchContainerAssignmentFactory.create()
    with CaptureQueriesContext(connection) as queries:
        factories.MortalityEventFactory.create_batch(500, assignment=stay)
    assert len(queries) < 10
