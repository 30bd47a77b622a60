"""Criterion `mortality`."""

from __future__ import annotations

import pytest
from small_farm import AT_SEA, EGGS, HARVESTED, Farm


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        ("count = round(count * 1.05), biomass_kg = round(biomass_kg * 1.05, 2)", "deaths"),
        ("count = round(count * 0.95), biomass_kg = round(biomass_kg * 0.95, 2)", "deaths"),
        ("count = count + CASE WHEN mod(id, 2) = 0 THEN count / 2 ELSE -count / 2 END", "spread of a day's deaths"),
        ("count = (SELECT avg(count) FROM batch_mortalityevent WHERE batch_id = %(id)s)", "spread of a day's deaths"),
    ],
    ids=["too many", "too few", "in heaps", "too even"],
)
def test_number_and_spread(farm: Farm, harm: str, what: str) -> None:
    farm.do(f"UPDATE batch_mortalityevent SET {harm} WHERE batch_id = %(id)s", id=farm.id(EGGS))
    verdict = farm.fails("mortality", EGGS, expected="in number and spread")
    assert what in {row[2] for row in verdict.rows}


@pytest.mark.parametrize("batch", [HARVESTED, AT_SEA, EGGS])
def test_weight_of_the_dead(farm: Farm, batch: str) -> None:
    farm.do(
        "UPDATE batch_mortalityevent SET biomass_kg = biomass_kg + 0.5 WHERE id = "
        "(SELECT max(id) FROM batch_mortalityevent WHERE batch_id = %(id)s)",
        id=farm.id(batch),
    )
    farm.fails("mortality", batch, expected="the dead weigh")


def test_deaths_of_all_batches_together(farm: Farm) -> None:
    """What is too little to be seen in one batch is seen in all of them."""
    farm.do(
        "UPDATE batch_mortalityevent m SET count = round(count * 1.008), biomass_kg = round(biomass_kg * 1.008, 2) "
        "FROM batch_batch b WHERE b.id = m.batch_id AND m.event_date < b.start_date + 90"
    )
    verdict = farm.check("mortality")
    assert verdict.state == "fail"
    assert None in {row[0] for row in verdict.rows}


def test_left_out(farm: Farm) -> None:
    assert farm.check("mortality", plan=farm.without("mortality")).state == "skip"
