"""A later `as_of` continues the same history: what was known on a day is the beginning of what is known later."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from farms import fjord, planned, plans
from hypothesis import given
from hypothesis import strategies as st

KEYS: dict[str, Any] = {"start": "2022-01-01", "stagger": 95, "eggs": "20k..30k", "containers_per_stage": 2, "rings_per_batch": 3}
FIRST = date(2022, 1, 1)


@given(st.integers(1, 5), st.integers(0, 900), st.integers(1, 300), st.sampled_from(["exact", "worst_case"]))
@plans
def test_the_earlier_plan_is_the_beginning_of_the_later_one(batches: int, known: int, later: int, planning: str) -> None:
    keys = {**KEYS, "batches": batches, "planning": planning, "saturation": 1.0, "geographies": [fjord(halls=4), "Scotland"]}
    day = FIRST + timedelta(days=(batches - 1) * 95 + 1 + known)
    before, after = (planned(**{**keys, "as_of": day + timedelta(days=more)}) for more in (0, later))
    assert len(before.batches) == len(after.batches) == batches
    for early, late in zip(before.batches, after.batches, strict=True):
        assert (early.name, early.start, early.life.harvest) == (late.name, late.start, late.life.harvest)
        assert late.age == min(early.age + later, late.life.harvest)
        assert (late.curve[: early.age + 1] == early.curve).all()
        for then, now in zip(early.stays, late.stays, strict=False):
            days = then.days
            assert then.containers == now.containers
            assert (now.deaths[:, :days] == then.deaths).all()
            assert (now.ration[:, :days] == then.ration).all()
            assert (now.alive[:, : days + 1] == then.alive).all() if not now.ended or now.days > days else True
            assert (now.alive[:, :days] == then.alive[:, :days]).all()


def test_a_batch_is_the_same_alone_and_among_others() -> None:
    place = {"name": "Scotland"}
    alone = planned(geographies=[{**place, "ages": [700]}]).batches[0]
    among = planned(geographies=[{**place, "ages": [700, 500, 300]}, {"name": "Faroe Islands", "ages": [600, 850]}])
    same = next(batch for batch in among.batches if batch.name == alone.name)
    assert same.life.eggs == alone.life.eggs
    assert same.life.target_g == alone.life.target_g
    for one, other in zip(alone.stays, same.stays, strict=True):
        assert (one.alive == other.alive).all()
        assert (one.ration == other.ration).all()


def test_another_seed_is_another_farm_of_the_same_schedule() -> None:
    one, other = (planned(ages=[100], seed=seed) for seed in (1, 2))
    assert [batch.start for batch in one.batches] == [batch.start for batch in other.batches]
    assert [batch.life.eggs for batch in one.batches] != [batch.life.eggs for batch in other.batches]
