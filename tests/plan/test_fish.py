"""Fish between containers and over days: no fish is lost or made, and deaths follow the stage's rate."""

from __future__ import annotations

import numpy as np
import pytest
from farms import planned
from hypothesis import given
from hypothesis import strategies as st

from pytest_aquadata.plan.harvest import divide
from pytest_aquadata.plan.population import even_parts, moves
from pytest_aquadata.scenario.profile import load_profile

GUIDE = load_profile("guide")
CONTAINERS = st.lists(st.integers(0, 1_000_000), min_size=1, max_size=15)


@st.composite
def equal_totals(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Fish in the sources, and the same fish cut elsewhere: empty containers, one large one, or an even spread."""
    sources = draw(CONTAINERS)
    total, parts = sum(sources), draw(st.integers(1, 15))
    cuts = sorted(draw(st.lists(st.integers(0, total), min_size=parts - 1, max_size=parts - 1)))
    return sources, [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]


@given(equal_totals())
def test_moves_empty_every_source_and_fill_every_destination(totals: tuple[list[int], list[int]]) -> None:
    sources, destinations = totals
    made = moves(sources, destinations)
    assert all(fish > 0 for _, _, fish in made)
    for place, wanted in ((0, sources), (1, destinations)):
        got = [0] * len(wanted)
        for move in made:
            got[move[place]] += move[2]
        assert got == wanted
    assert [move[:2] for move in made] == sorted(move[:2] for move in made)
    assert len({move[:2] for move in made}) == len(made) <= len(sources) + len(destinations) - 1


@given(CONTAINERS)
def test_equal_containers_move_one_to_one(counts: list[int]) -> None:
    assert moves(counts, counts) == [(n, n, fish) for n, fish in enumerate(counts) if fish]


@given(CONTAINERS, st.integers(1, 9))
def test_a_move_that_would_lose_fish_is_refused(counts: list[int], lost: int) -> None:
    with pytest.raises(ValueError, match="lost or made"):
        moves([*counts, lost], counts)


@given(st.integers(0, 10**12), st.integers(1, 100))
def test_even_parts_differ_by_one_at_most(total: int, parts: int) -> None:
    shares = even_parts(total, parts)
    assert shares.sum() == total
    assert shares.max() - shares.min() <= 1
    assert shares.tolist() == sorted(shares.tolist(), reverse=True)


@given(st.integers(1, 10**7), st.integers(1, 10**10))
def test_lots_add_up_to_the_harvest_to_the_fish_and_the_gram(fish: int, live_g: int) -> None:
    lots = divide(GUIDE, fish, live_g)
    assert sum(lot.fish for lot in lots) == fish
    assert sum(lot.live_g for lot in lots) == live_g
    assert all(lot.fish > 0 and 0 <= lot.fillet_g <= lot.gutted_g <= lot.live_g for lot in lots)
    assert len({lot.grade for lot in lots}) == len(lots)


def test_survival_of_the_guide() -> None:
    """0.873 of the eggs live on day 91, 0.842 on day 200, 0.834 at the harvest: within the documented 83 to 87 %."""
    batches = [batch for batch in planned(ages=[860, 880]).batches if batch.harvested]
    assert batches
    for batch in batches:
        lived = [stay.alive.sum(axis=0) / batch.life.eggs for stay in batch.stays]
        assert lived[1][1] == pytest.approx(0.8733, abs=0.001)
        assert lived[2][20] == pytest.approx(0.8418, abs=0.001)
        assert 0.83 <= lived[5][-1] <= 0.87
        assert lived[5][-1] == pytest.approx(0.834, abs=0.001)


def test_deaths_follow_the_rate_of_the_stage() -> None:
    batch = planned(ages=[860], eggs="3.5M", geographies=["Scotland"]).batches[0]
    for stage, stay in zip(GUIDE.stages, batch.stays, strict=True):
        expected = float(stage.mortality_percent) / 100 * stay.alive[:, :-1].sum()
        assert abs(stay.deaths.sum() - expected) < 4 * np.sqrt(expected)
        # spread over the days as by chance: the variance of a Poisson number is its mean
        each = float(stage.mortality_percent) / 100 * stay.alive[:, :-1]
        assert ((stay.deaths - each) ** 2 / each).mean() == pytest.approx(1, abs=0.25)
