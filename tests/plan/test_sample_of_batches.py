"""Samples of batches: nested, the same every time, and of the size that was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from farms import planned
from hypothesis import given
from hypothesis import strategies as st

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.sample import key_of, sample_of, size_of

FARM = planned(batches=24, stagger=13)
ALL = len(FARM.batches)


def _names(text: str, simulation: Any = FARM) -> list[str]:
    return [batch.name for batch in sample_of(simulation, size_of(text))]


@given(st.integers(1, ALL), st.integers(1, ALL))
def test_a_smaller_sample_is_part_of_a_larger_one(one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert set(_names(str(small))) <= set(_names(str(large)))
    assert len(_names(str(small))) == small


def test_a_share_is_reached_and_never_empty() -> None:
    assert [len(_names(text)) for text in ("1%", "0.001 %", "4.2%", "25%", "50 %", "99.9%", "100%")] == [1, 1, 2, 6, 12, 24, 24]
    assert set(_names("25%")) == set(_names("6")) < set(_names("50%"))


def test_a_sample_is_in_the_order_of_the_plan_and_not_of_its_beginning() -> None:
    names = _names("8")
    assert names == [batch.name for batch in FARM.batches if batch.name in names]
    assert names != [batch.name for batch in FARM.batches[:8]]


def test_the_key_is_the_batchs_own() -> None:
    """Neither the number of batches nor their order decides; the seed does."""
    some = replace(FARM, batches=FARM.batches[::-1][:20])
    keys = {name: key_of(FARM.scenario.seed, name) for name in (batch.name for batch in some.batches)}
    assert {b.name for b in sample_of(some, size_of("5"))} == set(sorted(keys, key=keys.__getitem__)[:5])
    other = replace(FARM, scenario=FARM.scenario.model_copy(update={"seed": 2}))
    assert _names("8", other) != _names("8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0", "no batch at all"),
        ("0%", "no batch at all"),
        ("101%", "more than there is"),
        ("1.5", "neither a share nor a number"),
        ("-1%", "neither a share nor a number"),
        ("few", "neither a share nor a number"),
        ("", "neither a share nor a number"),
        ("25", "x has 24 batches"),
    ],
)
def test_what_is_no_sample(text: str, said: str) -> None:
    with pytest.raises(AquadataError) as caught:
        sample_of(FARM, size_of(text))
    assert str(caught.value) == f"--aquadata-sample={text}: {said}\n    a share, like 1%, or a number of batches, like 20"
