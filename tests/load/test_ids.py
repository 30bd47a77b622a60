"""From numbers to ids."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_aquadata.load.ids import Ids


def test_in_an_empty_schema_numbers_are_ids() -> None:
    numbers = np.arange(1, 9)
    assert (Ids()("batch_batch", numbers) == numbers).all()


def test_master_data_has_its_own_ids_and_what_follows_is_offset() -> None:
    ids = Ids({"t": 100}, {"t": {1: 1, 2: 77, 3: 78}})
    assert ids("t", np.array([3, 1, 2, 4, 5])).tolist() == [78, 1, 77, 104, 105]
    assert ids("other", np.array([3])).tolist() == [3]


def test_ids_noted_one_after_the_other() -> None:
    ids = Ids()
    ids.change("t", {2: 20})
    ids.change("t", {4: 40})
    ids.change("t", {})
    assert ids("t", np.arange(1, 6)).tolist() == [1, 20, 3, 40, 5]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1000), st.dictionaries(st.integers(1, 50), st.integers(1, 10**9), max_size=20), st.lists(st.integers(1, 60)))
def test_what_the_ledger_keeps_is_enough(offset: int, changed: dict[int, int], numbers: list[int]) -> None:
    ids = Ids({"t": offset}, {"t": changed})
    kept = Ids(json.loads(json.dumps(ids.offsets)), json.loads(json.dumps(ids.changed)))
    wanted = np.array(numbers, dtype=np.int64)
    assert kept("t", wanted).tolist() == ids("t", wanted).tolist()
    assert kept("t", wanted).shape == wanted.shape
