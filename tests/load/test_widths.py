"""A database whose keys are too narrow for a plan: said before the first row, with the table, its type and how far the ids would go."""

from __future__ import annotations

import pickle
from dataclasses import replace

import psycopg
import pytest
from run_farm import Databases

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.ids import Ids
from pytest_aquadata.load.wire import greatest_of
from pytest_aquadata.plan.numbering import Plan

READING, MEAL = "environmental_environmentalreading", "inventory_feedingevent"


def _times(plan: Plan, factor: int) -> Plan:
    """A plan whose counts are many times what they are."""
    return replace(plan, counts=plan.counts * factor)


def test_numbers_have_room_for_a_continent(databases: Databases) -> None:
    """Counts and numbers are 64 bits wide, and stay so on their way to a worker."""
    plan = pickle.loads(pickle.dumps(_times(databases.plan, 10**6)))
    assert plan.total(READING) > 2**31
    assert plan.firsts.dtype == plan.counts.dtype == "int64"
    assert Ids({READING: 2**40})(READING, plan.firsts[:1, 0]).max() > 2**40


def test_bigint_keys_take_what_integer_keys_do_not(databases: Databases, prepared_url: str) -> None:
    # after the farm: factories look their models up when they are imported
    from pytest_aquadata.load.build import Loader
    from pytest_aquadata.load.widths import refuse_narrow

    with psycopg.connect(prepared_url) as conn:
        large = _times(databases.plan, 10**6)
        loader = Loader(conn, Ids({MEAL: 7}))
        refuse_narrow(loader, large)
        conn.execute(f"ALTER TABLE {READING} ALTER id TYPE integer")
        conn.execute(f"ALTER TABLE {MEAL} ALTER id TYPE integer")
        loader = Loader(conn, Ids({MEAL: 7}))
        refuse_narrow(loader, databases.plan)
        with pytest.raises(AquadataError) as caught:
            refuse_narrow(loader, large)
        assert str(caught.value) == (
            f"{READING}.id is integer, which ends at 2,147,483,647: the ids of this plan go up to {large.total(READING):,}\n"
            "    make the column bigint, or plan fewer batches"
        )
        with pytest.raises(AquadataError, match=f"{MEAL}.id is integer"):
            refuse_narrow(Loader(conn, Ids({MEAL: 2**31})), databases.plan)


def test_how_far_integers_go() -> None:
    assert [greatest_of(kind) for kind in ("int2", "int4", "int8", "numeric")] == [32767, 2147483647, 2**63 - 1, None]
