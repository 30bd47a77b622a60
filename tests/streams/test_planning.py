"""A plan that is made geography by geography into files is the plan that is made as one, row for row; and no process holds all of it."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tables import plan_of, stream_rows

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.digest import TableDigest
from pytest_aquadata.plan import feed, store
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.part import Part, part_of
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.streams import feed_stock
from pytest_aquadata.streams.planning import plan_into

FOUR: dict[str, Any] = {
    "geographies": [
        {"name": "Faroe Islands", "ages": [40, 420, 860]},
        {"name": "Coast {n}", "like": "Scotland", "count": 2, "years": 1.5, "stagger": 150},
        {"name": "Scotland", "batches": 3},
    ],
    "readings": {"times": ["06:00", "14:00"]},
}
BY_TURNS: dict[str, Any] = {"batches": 9, "stagger": 60, "geographies": ["Scotland", {"like": "Faroe Islands", "count": 2}]}


def _scenario(**keys: Any) -> Scenario:
    return Scenario.model_validate({"name": "x", "as_of": "2025-11-21", **keys})


def _digest(rows: Any) -> dict[str, str]:
    parts: dict[str, TableDigest] = {}
    for chunk in rows:
        parts.setdefault(chunk.table, TableDigest()).add(chunk)
    return {table: f"{digest.rows} {digest.hexdigest()}" for table, digest in parts.items()}


def _numbers(plan: Plan) -> str:
    digest = hashlib.sha256(plan.counts.tobytes() + plan.firsts.tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize(("keys", "processes"), [(FOUR, 1), (FOUR, 2), (BY_TURNS, 1)], ids=["four", "four by two processes", "by turns"])
def test_split_and_whole_are_one_plan(keys: dict[str, Any], processes: int, tmp_path: Path) -> None:
    whole, split = plan_of(**keys), plan_into(tmp_path, _scenario(**keys), processes)
    assert len({batch.life.geography for batch in whole.simulation.batches}) == len(list(tmp_path.glob("stays-*"))) > 2
    assert (split.tables, split.farm) == (whole.tables, whole.farm)
    assert (split.counts == whole.counts).all()
    assert (split.firsts == whole.firsts).all()
    assert _digest(feed_stock.rows(split.simulation)) == _digest(feed_stock.rows(whole.simulation))
    assert split.simulation.ledger.accounts == whole.simulation.ledger.accounts
    for one, other in zip(split.simulation.batches, whole.simulation.batches, strict=True):
        assert (one.number, one.name, one.age, one.harvested, one.stage) == (
            other.number,
            other.name,
            other.age,
            other.harvested,
            other.stays[-1].order,
        )
        assert len(one.stays) == len(other.stays)
    for number in (1, len(whole.simulation.batches) // 2, len(whole.simulation.batches)):
        rows = [_digest(stream_rows(plan, plan.simulation.batches[number - 1])) for plan in (split, whole)]
        assert rows[0] == rows[1]


def test_a_plan_is_kept_and_taken_up_as_it_was(tmp_path: Path) -> None:
    plan = plan_into(tmp_path, _scenario(**FOUR))
    store.save(plan, tmp_path / "plan")
    taken = store.load(tmp_path / "plan")
    assert _numbers(taken) == _numbers(plan)
    assert not taken.counts.flags.writeable
    batch = taken.simulation.batches[-1]
    assert _digest(stream_rows(taken, batch)) == _digest(stream_rows(plan, plan.simulation.batches[-1]))
    left = [each.simulation.ledger.remaining(each.simulation.as_of).tolist() for each in (taken, plan)]
    assert left[0] == left[1]


def test_the_part_of_a_batch_needs_no_file(tmp_path: Path) -> None:
    plan = plan_into(tmp_path, _scenario(**FOUR))
    expected = _digest(stream_rows(plan, plan.simulation.batches[2]))
    sent = pickle.dumps(part_of(plan, 3))
    for file in tmp_path.iterdir():
        file.unlink()
    part: Part = pickle.loads(sent)
    got = part.plan()
    assert _digest(stream_rows(got, got.batch(3))) == expected


def test_what_lies_in_files_is_not_in_the_plan(tmp_path: Path) -> None:
    """The size of what every process holds does not grow with what the batches did."""
    plan = plan_into(tmp_path, _scenario(**FOUR))
    batches: tuple[Batch, ...] = plan.simulation.batches
    light = len(pickle.dumps([(b.number, b.age, b.harvested, b.stays) for b in batches])) / len(batches)
    whole = len(pickle.dumps([tuple(b.stays) for b in batches])) / len(batches)
    assert light < whole / 100


def test_a_farm_that_cannot_carry_its_batches_says_so_from_a_process_of_its_own(tmp_path: Path) -> None:
    keys = {"ages": [700], "geographies": [{"like": "Scotland", "count": 2}], "eggs": 9_000_000}
    with pytest.raises(AquadataError) as whole:
        plan_of(**keys)
    with pytest.raises(AquadataError) as split:
        plan_into(tmp_path, _scenario(**keys), 2)
    assert str(split.value) == str(whole.value)
    assert "would carry" in str(split.value)


def test_ledgers_that_are_joined_keep_the_order_of_their_orders() -> None:
    def ledger(opened: list[int], ordered: list[int], account: list[int]) -> feed.Ledger:
        accounts = tuple(feed.Account(index, f"S{number}", 1, "F", 1, number) for index, number in enumerate(opened))
        columns = (np.array(account), np.array(ordered), np.array(ordered) + 2, *(np.arange(len(ordered)) for _ in range(3)))
        return feed.Ledger(accounts, feed.Deliveries(*columns, np.zeros(len(ordered), dtype=np.bool_)), 9, np.zeros((len(opened), 1)), ())

    joined, places = feed.join([ledger([1, 4], [5, 7], [0, 1]), ledger([2, 3], [5, 6], [0, 1])], 9)
    assert [account.opened_by for account in joined.accounts] == [1, 2, 3, 4]
    assert [place.tolist() for place in places] == [[0, 3], [1, 2]]
    assert joined.deliveries.account.tolist() == [0, 1, 2, 3]
    assert joined.deliveries.ordered.tolist() == [5, 5, 6, 7]


def test_a_script_without_a_guard_plans_in_its_own_process(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\nfrom pytest_aquadata.scenario.models import Scenario\n"
        "from pytest_aquadata.streams.planning import plan_into\n"
        "s = Scenario.model_validate({'name': 'x', 'as_of': '2025-11-21', 'ages': [40]})\n"
        f"print(len(plan_into(Path({str(tmp_path)!r}), s).simulation.batches))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "2", done.stderr
