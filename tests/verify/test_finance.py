"""Criteria `finance` and `money`: each thing that they say is shown to fail, and what a scenario leaves out is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_farm import ALSO_HARVESTED, AT_SEA, HARVESTED, Farm

from pytest_aquadata.plan.costs import shared

OF_BATCH = "event_id IN (SELECT e.id FROM harvest_harvestevent e JOIN batch_batch b ON b.id = e.batch_id WHERE b.batch_number = %(name)s)"
FIRST_FACT = f"fact_id = (SELECT min(fact_id) FROM finance_factharvest WHERE {OF_BATCH})"
FIRST_SALE = f"tx_id = (SELECT min(tx_id) FROM finance_intercompanytransaction WHERE {OF_BATCH})"
SMOLTS = (
    "tx_id = (SELECT w.finance_transaction_id FROM batch_batchtransferworkflow w JOIN batch_batch b ON b.id = w.batch_id "
    "WHERE b.batch_number = %(name)s AND w.is_intercompany)"
)
OTHER_SITE = "(SELECT d.site_id FROM finance_dimsite d WHERE d.source_model = 'area' AND d.site_id <> dim_site_id LIMIT 1)"


@pytest.mark.parametrize(
    "harm",
    [
        f"DELETE FROM finance_factharvest WHERE {FIRST_FACT}",
        f"UPDATE finance_factharvest SET quantity_kg = quantity_kg + 0.001 WHERE {FIRST_FACT}",
        f"UPDATE finance_factharvest SET unit_count = unit_count + 1 WHERE {FIRST_FACT}",
        f"UPDATE finance_factharvest SET dim_site_id = {OTHER_SITE} WHERE {FIRST_FACT}",
        f"UPDATE finance_factharvest SET dim_company_id = 1 WHERE {FIRST_FACT}",
        f"UPDATE finance_factharvest SET event_date = event_date + interval '1 day' WHERE {FIRST_FACT}",
        f"UPDATE finance_factharvest SET dim_batch_id = dim_batch_id + 1 WHERE {FIRST_FACT}",
        f"UPDATE finance_factharvest SET product_grade_id = 6 - product_grade_id WHERE {FIRST_FACT}",
    ],
)
def test_wrong_fact(farm: Farm, harm: str) -> None:
    farm.do(harm, name=HARVESTED)
    farm.fails("finance", HARVESTED, expected="a fact for every lot")


@pytest.mark.parametrize(
    "change",
    [
        "amount = amount + 0.01",
        "currency = 'NOK'",
        "posting_date = posting_date + 1",
        "state = 'posted'",
        "policy_id = policy_id + 1",
        "object_id = object_id + 1000",
        "content_type_id = 3 - content_type_id",
    ],
)
def test_wrong_transaction_of_smolts(farm: Farm, change: str) -> None:
    farm.do(f"UPDATE finance_intercompanytransaction SET {change} WHERE {SMOLTS}", name=AT_SEA)
    farm.fails("finance", AT_SEA, expected="every move to sea")


def test_move_to_sea_without_its_transaction(farm: Farm) -> None:
    farm.do("UPDATE batch_batchtransferworkflow SET finance_transaction_id = NULL WHERE batch_id = %(id)s", id=farm.id(AT_SEA))
    farm.fails("finance", AT_SEA, expected="every move to sea")


@pytest.mark.parametrize(
    "change",
    [
        "currency = NULL",
        "posting_date = posting_date - 1",
        "state = 'posted'",
        "policy_id = (SELECT min(policy_id) FROM finance_intercompanypolicy WHERE product_grade_id IS NOT NULL AND policy_id > 12)",
        "object_id = object_id + 1000",
        "event_id = NULL",
        "amount = NULL",
    ],
)
def test_wrong_transaction_of_a_harvest(farm: Farm, change: str) -> None:
    farm.do(f"UPDATE finance_intercompanytransaction SET {change} WHERE {FIRST_SALE}", name=HARVESTED)
    farm.fails("finance", HARVESTED, expected="every harvest and grade")


def test_harvest_sold_twice(farm: Farm) -> None:
    row = f"SELECT * FROM finance_intercompanytransaction WHERE {FIRST_SALE}"
    farm.do_structure("ALTER TABLE finance_intercompanytransaction DISABLE TRIGGER USER")
    unique = "SELECT conname FROM pg_constraint WHERE conrelid = 'finance_intercompanytransaction'::regclass AND contype = 'u'"
    for (name,) in farm.conn.execute(unique).fetchall():
        farm.do_structure(f'ALTER TABLE finance_intercompanytransaction DROP CONSTRAINT "{name}"')
    farm.do(f"CREATE TEMP TABLE again AS {row}", name=HARVESTED)
    farm.do("UPDATE again SET tx_id = tx_id + 1000000")
    farm.do("INSERT INTO finance_intercompanytransaction SELECT * FROM again")
    farm.fails("finance", HARVESTED, expected="every harvest and grade")


def test_a_cent_too_much(farm: Farm) -> None:
    farm.do(f"UPDATE finance_intercompanytransaction SET amount = amount + 0.01 WHERE {FIRST_SALE}", name=ALSO_HARVESTED)
    farm.fails("money", ALSO_HARVESTED, expected="for its cost plus the markup")


def test_lots_that_pay_for_one_another(farm: Farm) -> None:
    farm.do(f"UPDATE finance_intercompanytransaction SET amount = amount + 5 WHERE {FIRST_SALE}", name=ALSO_HARVESTED)
    last = FIRST_SALE.replace("min(", "max(")
    farm.do(f"UPDATE finance_intercompanytransaction SET amount = amount - 5 WHERE {last}", name=ALSO_HARVESTED)
    farm.fails("money", ALSO_HARVESTED, expected="by live weight")


def test_meals_that_became_dearer(farm: Farm) -> None:
    farm.do("UPDATE inventory_feedingevent SET feed_cost = feed_cost * 2 WHERE batch_id = %(id)s", id=farm.id(HARVESTED))
    farm.fails("money", HARVESTED, expected="for its cost plus the markup")


@pytest.mark.parametrize(("criterion", "left_out"), [("finance", "finance"), ("money", "finance"), ("money", "feeding")])
def test_what_is_left_out_is_not_asked_for(farm: Farm, criterion: str, left_out: str) -> None:
    verdict = farm.check(criterion, plan=farm.without(left_out))
    assert verdict.state == "skip"
    assert left_out in verdict.got


def test_a_kilogram_of_harvest_has_a_believable_price(farm: Farm) -> None:
    rows = farm.conn.execute("""
        SELECT sum(t.amount), sum(kg) FROM harvest_harvestevent e
        JOIN (SELECT event_id, sum(live_weight_kg) AS kg FROM harvest_harvestlot GROUP BY event_id) l ON l.event_id = e.id
        JOIN (SELECT event_id, sum(amount) AS amount FROM finance_intercompanytransaction GROUP BY event_id) t ON t.event_id = e.id
        GROUP BY e.batch_id""").fetchall()
    assert rows
    assert all(2 < amount / kg < 10 for amount, kg in rows)


@given(
    st.integers(0, 10**13),
    st.lists(st.tuples(st.integers(0, 10**10), st.sampled_from([0, 5_000, 10_000, 12_345])), min_size=1, max_size=60),
)
def test_shares_add_up_to_the_cent_and_none_is_off_by_more_than_one(cost: int, lots: list[tuple[int, int]]) -> None:
    weights, markups = [weight for weight, _ in lots], [markup for _, markup in lots]
    shares = shared(cost, weights, markups)
    whole = sum(weights)
    if not whole:
        assert not any(shares)
        return
    exact = [cost * weight * (100_000 + markup) / (whole * 100_000) for weight, markup in lots]
    due = sum(cost * weight * (100_000 + markup) for weight, markup in lots)
    assert abs(sum(shares) * whole * 100_000 - due) * 2 <= whole * 100_000
    assert all(abs(share - part) <= 1 + abs(part) * 1e-12 for share, part in zip(shares, exact, strict=True))
    assert min(shares) >= 0
