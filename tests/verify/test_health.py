"""Criteria `health_samples`, `growth_samples`, `lice`, `treatments` and `journal`: each is shown to fail, and on which batch."""

from __future__ import annotations

import pytest
from small_farm import ALSO_HARVESTED, AT_SEA, HARVESTED, Farm

FISH = {
    "growth_samples": (
        "batch_individualgrowthobservation",
        "growth_sample_id IN (SELECT s.id FROM batch_growthsample s JOIN batch_batchcontainerassignment a ON a.id = s.assignment_id "
        "WHERE a.batch_id = %(id)s)",
    ),
    "health_samples": (
        "health_individualfishobservation",
        "sampling_event_id IN (SELECT s.id FROM health_healthsamplingevent s JOIN batch_batchcontainerassignment a "
        "ON a.id = s.assignment_id WHERE a.batch_id = %(id)s)",
    ),
}
SAMPLE = {
    "growth_samples": ("batch_growthsample", "sample_date", "sample_size", "std_deviation_weight"),
    "health_samples": ("health_healthsamplingevent", "sampling_date", "number_of_fish_sampled", "avg_k_factor"),
}
REFRESH = {
    "growth_samples": """UPDATE batch_growthsample s SET avg_weight_g = f.w, avg_length_cm = f.l, std_deviation_weight = f.sw,
        std_deviation_length = f.sl, min_weight_g = f.low, max_weight_g = f.high, condition_factor = round(100 * f.w / (f.l * f.l * f.l), 2)
        FROM (SELECT growth_sample_id AS id, round(avg(weight_g), 2) AS w, round(avg(length_cm), 2) AS l,
          round(stddev_samp(weight_g), 2) AS sw, round(stddev_samp(length_cm), 2) AS sl, min(weight_g) AS low, max(weight_g) AS high
          FROM batch_individualgrowthobservation GROUP BY 1) f WHERE f.id = s.id""",
    "health_samples": """UPDATE health_healthsamplingevent s SET avg_weight_g = f.w, avg_length_cm = f.l, std_dev_weight_g = f.sw,
        std_dev_length_cm = f.sl, min_weight_g = f.low, max_weight_g = f.high, min_length_cm = f.short, max_length_cm = f.long,
        avg_k_factor = f.k
        FROM (SELECT sampling_event_id AS id, round(avg(weight_g), 2) AS w, round(avg(length_cm), 2) AS l,
          round(stddev_pop(weight_g), 2) AS sw, round(stddev_pop(length_cm), 2) AS sl, min(weight_g) AS low, max(weight_g) AS high,
          min(length_cm) AS short, max(length_cm) AS long,
          round(avg(round(100 * weight_g / (length_cm * length_cm * length_cm), 4)), 4) AS k
          FROM health_individualfishobservation GROUP BY 1) f WHERE f.id = s.id""",
}
"""Statistics of harmed fish put in order, so that only the fish themselves can give them away."""

KINDS = ["growth_samples", "health_samples"]


def first_of(farm: Farm, criterion: str, name: str) -> int:
    sample = SAMPLE[criterion][0]
    query = f"SELECT max(s.id) FROM {sample} s JOIN batch_batchcontainerassignment a ON a.id = s.assignment_id WHERE a.batch_id = %s"
    return int(farm.conn.execute(query.encode(), (farm.id(name),)).fetchone()[0])


@pytest.mark.parametrize("criterion", KINDS)
def test_missing_and_shifted_samples(farm: Farm, criterion: str) -> None:
    table, day, _, _ = SAMPLE[criterion]
    fish, _ = FISH[criterion]
    number = first_of(farm, criterion, AT_SEA)
    with farm.undone():
        farm.do(f"UPDATE {table} SET {day} = {day} + 1 WHERE id = %(number)s", number=number)
        farm.fails(criterion, AT_SEA, expected="on the due days")
    with farm.undone():
        farm.do(f"DELETE FROM {table} WHERE id = %(number)s", number=number)
        farm.fails(criterion, AT_SEA, expected="on the due days")
    key = FISH[criterion][1].split()[0]
    farm.do(f"DELETE FROM {fish} WHERE id = (SELECT min(id) FROM {fish} WHERE {key} = %(number)s)", number=number)
    farm.fails(criterion, AT_SEA, expected="on the due days")


@pytest.mark.parametrize("criterion", KINDS)
@pytest.mark.parametrize("which", [2, 3])
def test_statistics_of_other_fish(farm: Farm, criterion: str, which: int) -> None:
    table, column = SAMPLE[criterion][0], SAMPLE[criterion][which]
    number = first_of(farm, criterion, AT_SEA)
    farm.do(f"UPDATE {table} SET {column} = {column} + 1 WHERE id = %(number)s", number=number)
    farm.fails(criterion, AT_SEA, expected="those of its fish")
    farm.do(f"UPDATE {table} SET {column} = NULL WHERE id = %(number)s" if which == 3 else "SELECT 1", number=number)
    farm.fails(criterion, AT_SEA, expected="those of its fish")


HARMS = {
    "a larger spread of weights": ("weight_g = weight_g + 0.4 * (weight_g - {mean})", "spread of weights"),
    "a smaller spread of weights": ("weight_g = weight_g - 0.4 * (weight_g - {mean})", "spread of weights"),
    "all fish heavier": ("weight_g = weight_g * 1.1, length_cm = length_cm * 1.032", "mean weight"),
    "fish of 256 cm": ("length_cm = 1.5 * cbrt(1000 * weight_g::float8)", "mean condition"),
    "lengths of nobody's weight": ("length_cm = {length} * (0.9 + 0.2 * ((id * 7919) %% 1000) / 1000.0)", "spread of conditions"),
    "two sizes and nothing between": (
        "weight_g = CASE WHEN weight_g > {mean} THEN {mean} * 1.15 ELSE {mean} * 0.85 END",
        "tails of weights",
    ),
}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("criterion", KINDS)
def test_fish_that_spread_otherwise(farm: Farm, criterion: str, harm: str) -> None:
    table, whose = FISH[criterion]
    key = whose.split()[0]
    change, what = HARMS[harm]
    own = f"(SELECT avg(o.{{}}) FROM {table} o WHERE o.{key} = {table}.{key})"
    farm.do(
        f"UPDATE {table} SET {change.format(mean=own.format('weight_g'), length=own.format('length_cm'))} WHERE {whose}",
        id=farm.id(HARVESTED),
    )
    farm.do(REFRESH[criterion])
    verdict = farm.check(criterion)
    assert verdict.state == "fail"
    assert verdict.expected == "weights and lengths spread as the profile says"
    assert what in {row[1] for row in verdict.rows}
    assert {row[0] for row in verdict.rows} <= {HARVESTED, None}


def test_scores_in_other_shares(farm: Farm) -> None:
    with farm.undone():
        farm.do("UPDATE health_fishparameterscore SET score = 0 WHERE parameter_id = 3 AND score = 2")
        farm.fails("health_samples", expected="in the profile's shares")
    with farm.undone():
        farm.do("UPDATE health_fishparameterscore SET score = 7 WHERE id = (SELECT min(id) FROM health_fishparameterscore)")
        farm.fails("health_samples", expected="in the profile's shares")
    farm.do("DELETE FROM health_fishparameterscore WHERE id = (SELECT min(id) FROM health_fishparameterscore)")
    farm.fails("health_samples", expected="in the profile's shares")


OF_BATCH = "batch_id = %(id)s"
DAY = "(SELECT min(count_date) FROM health_licecount WHERE batch_id = %(id)s)"


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (f"DELETE FROM health_licecount WHERE {OF_BATCH} AND count_date = {DAY}", "on every due day"),
        (f"UPDATE health_licecount SET count_date = count_date + interval '1 day' WHERE {OF_BATCH} AND count_date = {DAY}", "every due"),
        (f"UPDATE health_licecount SET fish_sampled = 10 WHERE {OF_BATCH}", "on every due day"),
        (f"UPDATE health_licecount SET assignment_id = NULL WHERE {OF_BATCH}", "on every due day"),
        (f"UPDATE health_licecount SET count_value = count_value * 2 WHERE {OF_BATCH}", "season and treatments"),
        (f"UPDATE health_licecount SET count_value = 6 * count_value WHERE {OF_BATCH} AND count_date BETWEEN {DAY} + interval '151 days' "
         f"AND {DAY} + interval '185 days'", "season and treatments"),
    ],
    ids=["day missing", "day late", "fewer fish", "no assignment", "twice the lice", "treatment without effect"],
)  # fmt: skip
def test_lice_otherwise_than_expected(farm: Farm, harm: str, expected: str) -> None:
    farm.do(harm, id=farm.id(HARVESTED))
    farm.fails("lice", HARVESTED, expected=expected)


def test_lice_of_a_ring_that_spread_otherwise(farm: Farm) -> None:
    with farm.undone():
        same = "(o.batch_id, o.count_date, o.lice_type_id) = (c.batch_id, c.count_date, c.lice_type_id)"
        farm.do(f"UPDATE health_licecount c SET count_value = (SELECT round(avg(o.count_value)) FROM health_licecount o WHERE {same})")
        assert "spread" in farm.check("lice").expected
    uneven = "CASE c.assignment_id %% 3 WHEN 0 THEN 2 * count_value WHEN 1 THEN count_value ELSE 0 END"
    farm.do(f"UPDATE health_licecount c SET count_value = {uneven} WHERE c.batch_id = %(id)s", id=farm.id(HARVESTED))
    assert farm.check("lice").state == "fail"


def test_lice_of_other_kinds(farm: Farm) -> None:
    farm.do("UPDATE health_licecount SET lice_type_id = lice_type_id + 1 WHERE lice_type_id IN (SELECT id FROM health_licetype WHERE "
            "species LIKE 'Lep%%' AND gender = 'male' AND development_stage = 'pre-adult')")  # fmt: skip
    farm.fails("lice", expected="kinds of lice")


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        ("DELETE FROM health_treatment WHERE id = (SELECT min(id) FROM health_treatment WHERE batch_id = %(id)s)", "as planned"),
        ("UPDATE health_treatment SET dosage = '5 ml' WHERE batch_id = %(id)s", "as planned"),
        ("UPDATE health_treatment SET vaccination_type_id = 1 WHERE batch_id = %(id)s AND vaccination_type_id = 2", "as planned"),
        ("UPDATE health_treatment SET outcome = 'pending' WHERE batch_id = %(id)s", "as planned"),
        ("UPDATE health_treatment SET withholding_period_days = 400 WHERE batch_id = %(id)s AND vaccination_type_id IS NULL", "is over"),
        ("UPDATE health_treatment SET journal_entry_id = NULL WHERE batch_id = %(id)s", "entry of its day"),
        ("UPDATE health_treatment SET journal_entry_id = (SELECT min(id) FROM health_journalentry WHERE batch_id <> %(id)s) "
         "WHERE batch_id = %(id)s", "entry of its day"),
    ],
)  # fmt: skip
def test_treatments_otherwise_than_planned(farm: Farm, harm: str, expected: str) -> None:
    farm.do(harm, id=farm.id(ALSO_HARVESTED))
    farm.fails("treatments", ALSO_HARVESTED, expected=expected)


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM health_journalentry WHERE id = (SELECT min(id) FROM health_journalentry WHERE batch_id = %(id)s)",
        "UPDATE health_journalentry SET entry_date = entry_date + interval '1 hour' WHERE batch_id = %(id)s AND category = 'observation'",
        "UPDATE health_journalentry SET severity = 'high' WHERE batch_id = %(id)s",
        "UPDATE health_journalentry SET container_id = 1 WHERE batch_id = %(id)s AND container_id IS NULL",
    ],
)
def test_journal_otherwise_than_planned(farm: Farm, harm: str) -> None:
    farm.do(harm, id=farm.id(AT_SEA))
    farm.fails("journal", AT_SEA)


@pytest.mark.parametrize(
    ("criterion", "left_out"),
    [("growth_samples",) * 2, ("health_samples",) * 2, ("lice", "lice_counts"), ("treatments",) * 2, ("journal",) * 2],
)
def test_what_is_left_out_is_not_asked_for(farm: Farm, criterion: str, left_out: str) -> None:
    verdict = farm.check(criterion, plan=farm.without(left_out))
    assert verdict.state == "skip"
    assert left_out in verdict.got
