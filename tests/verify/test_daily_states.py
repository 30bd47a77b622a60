"""Criterion `daily_states`: it notices whatever is wrong with a state; and the routine that works states out again, on a real database."""

from __future__ import annotations

import re
import subprocess
import sys

import psycopg
import pytest
from small_farm import AT_SEA, EGGS, HARVESTED, Farm

from pytest_aquadata.analysis.recompute import TABLE, analyse, recompute
from pytest_aquadata.errors import AquadataError

ONE = f"id = (SELECT max(id) - 40 FROM {TABLE} WHERE batch_id = %(id)s)"
CLOSED = "assignment_id = (SELECT min(assignment_id) FROM batch_actualdailyassignmentstate WHERE batch_id = %(id)s)"


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (f"DELETE FROM {TABLE} WHERE {ONE}", "one state for each day"),
        (f"DELETE FROM {TABLE} WHERE {CLOSED} AND day_number = 1", "one state for each day"),
        (f"UPDATE {TABLE} SET day_number = day_number + 1 WHERE {ONE}", "one state for each day"),
        (f"UPDATE {TABLE} SET lifecycle_stage_id = 1 WHERE {ONE}", "one state for each day"),
        (f"UPDATE {TABLE} SET container_id = container_id + 1 WHERE {ONE}", "one state for each day"),
        (f"UPDATE {TABLE} SET population = population * 2 WHERE batch_id = %(id)s AND day_number = 271", "eggs - deaths so far"),
        (f"UPDATE {TABLE} SET population = population + 1 WHERE {ONE}", "eggs - deaths so far"),
        (f"UPDATE {TABLE} SET avg_weight_g = avg_weight_g * 2 WHERE batch_id = %(id)s AND day_number = 90", "near that of the assignment"),
        (f"UPDATE {TABLE} SET avg_weight_g = avg_weight_g + 0.02 WHERE {ONE}", "those that are stored"),
        (f"UPDATE {TABLE} SET biomass_kg = biomass_kg * 1.001 WHERE {ONE}", "those that are stored"),
        (f"UPDATE {TABLE} SET temp_c = temp_c + 0.02 WHERE {ONE}", "those that are stored"),
        (f"UPDATE {TABLE} SET temp_c = NULL WHERE {ONE}", "those that are stored"),
        (f"UPDATE {TABLE} SET mortality_count = mortality_count + 1 WHERE {ONE}", "those that are stored"),
        (f"UPDATE {TABLE} SET feed_kg = feed_kg + 0.01 WHERE {ONE}", "those that are stored"),
        (f"UPDATE {TABLE} SET observed_fcr = observed_fcr * 1.1 WHERE batch_id = %(id)s", "those that are stored"),
        (f"UPDATE {TABLE} SET anchor_type = 'transfer' WHERE batch_id = %(id)s AND anchor_type IS NOT NULL", "those that are stored"),
    ],
)  # fmt: skip
def test_a_wrong_state(farm: Farm, harm: str, expected: str) -> None:
    farm.do(harm, id=farm.id(AT_SEA))
    farm.fails("daily_states", AT_SEA, expected=expected)


def test_two_states_that_make_up_for_one_another(farm: Farm) -> None:
    pair = f"(SELECT id FROM {TABLE} WHERE batch_id = %(id)s AND day_number = 200 ORDER BY id LIMIT 1 OFFSET {{}})"
    farm.do(f"UPDATE {TABLE} SET population = population + 5 WHERE id = {pair.format(0)}", id=farm.id(HARVESTED))
    farm.do(f"UPDATE {TABLE} SET population = population - 5 WHERE id = {pair.format(1)}", id=farm.id(HARVESTED))
    farm.fails("daily_states", HARVESTED, expected="those that are stored")


def test_events_that_the_states_do_not_know_of(farm: Farm) -> None:
    with farm.undone():
        farm.do("UPDATE inventory_feedingevent SET amount_kg = amount_kg * 2 WHERE batch_id = %(id)s", id=farm.id(AT_SEA))
        farm.fails("daily_states", AT_SEA, expected="those that are stored")
    farm.do("UPDATE scenario_tgc_model_stage SET tgc_value = tgc_value * 1.05 WHERE tgc_model_id = (SELECT s.tgc_model_id FROM scenario s "
            "WHERE s.batch_id = %(id)s)", id=farm.id(HARVESTED))  # fmt: skip
    farm.fails("daily_states", HARVESTED, expected="those that are stored")


def test_a_batch_without_a_scenario_is_named(farm: Farm) -> None:
    farm.do("UPDATE batch_batch SET pinned_scenario_id = NULL WHERE id = %(id)s", id=farm.id(EGGS))
    farm.do("UPDATE scenario SET batch_id = NULL WHERE batch_id = %(id)s", id=farm.id(EGGS))
    verdict = farm.check("daily_states")
    assert verdict.state == "fail"
    assert f"{EGGS}: no scenario" in verdict.got


@pytest.mark.parametrize("left_out", ["daily_states", "readings", "feeding", "mortality", "projection"])
def test_what_is_left_out(farm: Farm, left_out: str) -> None:
    verdict = farm.check("daily_states", plan=farm.without(left_out))
    assert verdict.state == ("skip" if left_out == "daily_states" else "pass"), verdict


def contents(farm: Farm, name: str) -> list[tuple[object, ...]]:
    kept = (
        "assignment_id, date, day_number, population, mortality_count, feed_kg, anchor_type, sources, confidence_scores, last_computed_at"
    )
    query = f"SELECT {kept}, round(avg_weight_g, 1), temp_c FROM {TABLE} WHERE batch_id = %s ORDER BY 1, 2"
    return farm.conn.execute(query.encode(), (farm.id(name),)).fetchall()


def test_states_are_put_in_place_of_what_was_there(farm: Farm) -> None:
    before = contents(farm, HARVESTED)
    others = farm.conn.execute(f"SELECT count(*), sum(id) FROM {TABLE} WHERE batch_id <> {farm.id(HARVESTED)}".encode()).fetchone()
    farm.do(f"UPDATE {TABLE} SET population = 1, avg_weight_g = 1, sources = '{{}}' WHERE batch_id = %(id)s", id=farm.id(HARVESTED))
    assert recompute(farm.conn, [HARVESTED]) == {HARVESTED: len(before)}
    assert contents(farm, HARVESTED) == before
    assert farm.conn.execute(f"SELECT count(*), sum(id) FROM {TABLE} WHERE batch_id <> {farm.id(HARVESTED)}".encode()).fetchone() == others
    assert farm.check("daily_states").state == "pass"
    [(greatest, following)] = farm.conn.execute(f"SELECT max(id), nextval(pg_get_serial_sequence('{TABLE}', 'id')) FROM {TABLE}".encode())
    assert following == greatest + 1


def test_the_latest_event_says_how_far_growth_is_known(farm: Farm) -> None:
    states = [states for _, _, states in analyse(farm.conn, [AT_SEA])]
    assert sum(len(each.at) for each in states) == len(contents(farm, AT_SEA))


def test_an_unknown_batch_is_named(farm: Farm) -> None:
    with pytest.raises(AquadataError, match="no batch FAR-1999-001"):
        recompute(farm.conn, ["FAR-1999-001", HARVESTED])


def test_the_command(farm_url: str) -> None:
    command = [sys.executable, "-m", "pytest_aquadata", "recompute"]
    done = subprocess.run([*command, farm_url, EGGS], capture_output=True, text=True, check=False)
    assert re.fullmatch(r"80 states of 1 batches in [\d.]+ s\n", done.stdout), done.stdout + done.stderr
    wrong = subprocess.run([*command, farm_url, "FAR-1999-001"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == "there is no batch FAR-1999-001 in the database\n"
    nowhere = subprocess.run([*command, "postgresql://127.0.0.1:1/x"], capture_output=True, text=True, check=False)
    assert nowhere.returncode == 1
    assert len(nowhere.stderr.splitlines()) == 1
    with psycopg.connect(farm_url) as conn:
        assert conn.execute(
            f"SELECT count(*) FROM {TABLE} s JOIN batch_batch b ON b.id = s.batch_id WHERE b.batch_number = '{EGGS}'".encode()
        ).fetchone() == (80,)
