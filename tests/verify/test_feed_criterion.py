"""Criterion `feed_stock`."""

from __future__ import annotations

import pytest
from small_farm import ALSO_HARVESTED, AT_SEA, HARVESTED, NEIGHBOUR, Farm
from test_population import without
from test_volume import _PURCHASE, _STRANGER

_A_MEAL = "WHERE id = (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM inventory_feedingevent WHERE batch_id = %(id)s)"

_GROWER_MEAL = "WHERE id = (SELECT min(id) FROM inventory_feedingevent WHERE batch_id = %(id)s AND feed_id IN (3, 4))"


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (f"UPDATE inventory_feedingevent SET feed_cost = NULL {_A_MEAL}", "has a cost"),
        (f"UPDATE inventory_feedingevent SET feed_cost = 0 {_A_MEAL}", "has a cost"),
        (f"UPDATE inventory_feedingevent SET feed_cost = 2 * feed_cost {_A_MEAL}", "has a cost"),
        (f"UPDATE inventory_feedingevent SET feed_id = 7 - feed_id {_GROWER_MEAL}", "planned meals"),
        (f"UPDATE inventory_feedingevent SET feed_cost = feed_cost + 0.01 {_A_MEAL}", "planned meals"),
        (f"UPDATE inventory_feedingevent SET amount_kg = amount_kg + 0.01 {_A_MEAL}", "planned meals"),
        (f"DELETE FROM inventory_feedingevent {_A_MEAL}", "planned meals"),
    ],
    ids=["no cost", "cost 0", "cost doubled", "other feed", "a cent", "ten grams", "meal missing"],
)
def test_meals(farm: Farm, harm: str, expected: str) -> None:
    farm.do(harm, id=farm.id(AT_SEA))
    farm.fails("feed_stock", AT_SEA, expected=expected)


def test_feed_that_nobody_sells(farm: Farm) -> None:
    farm.do("UPDATE inventory_feedingevent SET feed_id = 77 " + _A_MEAL, id=farm.id(AT_SEA))
    farm.fails("feed_stock", AT_SEA, expected="has a cost")


_FULL = "(SELECT max(s.id) FROM inventory_feedcontainerstock s WHERE s.quantity_kg > 10)"
_EMPTY = "(SELECT min(s.id) FROM inventory_feedcontainerstock s WHERE s.quantity_kg = 0)"


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (f"UPDATE inventory_feedcontainerstock SET quantity_kg = -1 WHERE id = {_EMPTY}", "between nothing and what was bought"),
        (f"UPDATE inventory_feedcontainerstock SET quantity_kg = 99999999 WHERE id = {_EMPTY}", "between nothing"),
        (f"DELETE FROM inventory_feedcontainerstock WHERE id = {_EMPTY}", "between nothing"),
        (
            f"UPDATE inventory_feedcontainerstock SET entry_date = entry_date - interval '4 days' WHERE id = {_EMPTY}",
            "arrives after its order",
        ),
        (f"UPDATE inventory_feedcontainerstock SET quantity_kg = quantity_kg - 0.01 WHERE id = {_FULL}", "bought = eaten + in stock"),
        (f"UPDATE inventory_feedcontainerstock SET feed_container_id = feed_container_id + 1 WHERE id = {_EMPTY}", "bought = eaten"),
        (
            "UPDATE inventory_feedpurchase SET quantity_kg = quantity_kg + 1 WHERE id = "
            f"(SELECT feed_purchase_id FROM inventory_feedcontainerstock WHERE id = {_EMPTY})",
            "bought = eaten + in stock",
        ),
        (
            f"UPDATE inventory_feedcontainerstock SET entry_date = entry_date + interval '60 days' WHERE id = {_EMPTY}",
            "gives out what has not arrived",
        ),
        (
            "UPDATE inventory_feedpurchase SET cost_per_kg = cost_per_kg - 0.01 WHERE id = "
            f"(SELECT feed_purchase_id FROM inventory_feedcontainerstock WHERE id = {_EMPTY})",
            "meals cost what was taken",
        ),
    ],
    ids=["negative", "more than bought", "missing", "too early", "ten grams", "elsewhere", "bought more", "too late", "price"],
)
def test_stock(farm: Farm, harm: str, expected: str) -> None:
    farm.do(harm)
    verdict = farm.fails("feed_stock", expected=expected)
    assert any("Feed" in str(value) for row in verdict.rows for value in row)


def test_meal_from_another_barge(farm: Farm) -> None:
    """The rings of an area take its barges in turn: meals that go to the wrong ring go to the wrong barge."""
    farm.do(
        "UPDATE inventory_feedingevent SET batch_assignment_id = batch_assignment_id + 1 WHERE id = "
        "(SELECT max(id) FROM inventory_feedingevent WHERE batch_assignment_id = "
        "(SELECT min(id) FROM batch_batchcontainerassignment WHERE batch_id = %(id)s AND is_active))",
        id=farm.id(AT_SEA),
    )
    verdict = farm.fails("feed_stock", expected="bought = eaten + in stock")
    assert {row[0] for row in verdict.rows} == {"FJ-SEA-Barge-1", "FJ-SEA-Barge-2"}
    assert AT_SEA in verdict.rows[0][-2]


def test_batches_that_share_barges(farm: Farm) -> None:
    """Those that are not there are taken from the plan, whoever else eats from the same barge."""
    built = list(farm.batches)
    for gone in (NEIGHBOUR, AT_SEA, ALSO_HARVESTED):
        farm.do("DELETE FROM inventory_feedingevent WHERE batch_id = %(id)s", id=farm.id(gone))
        assert farm.check("feed_stock", built=built).state == "fail"
        built.remove(farm.batch(gone))
        verdict = farm.check("feed_stock", built=built)
        assert verdict.state == "pass", verdict


def test_feed_of_another_scenario(farm: Farm) -> None:
    """Deliveries of others do not count where others live in the database, too."""
    farm.do(_PURCHASE)
    verdict = farm.check("feed_stock")
    assert verdict.state == "fail"
    assert "OTHER" in verdict.rows[0]
    farm.do(_STRANGER)
    assert farm.check("feed_stock").state == "pass"


def test_without_feeding(farm: Farm) -> None:
    assert farm.check("feed_stock", plan=without(farm, "feeding")).state == "skip"


def test_says_what_there_is(farm: Farm) -> None:
    assert "kg bought" in farm.check("feed_stock").got
    assert farm.batch(HARVESTED).harvested
