"""Small farms to plan: scenarios from keywords, a geography of any size, and schedules drawn at random."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pytest_aquadata.plan.simulation import Simulation
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.streams.registry import make_plan

AS_OF = "2025-11-21"
STAGES = ("Egg&Alevin", "Fry", "Parr", "Smolt", "Post-Smolt")

plans = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
"""How often a property of whole plans is tried: a plan takes some tens of milliseconds."""


def scenario(**keys: Any) -> Scenario:
    return Scenario.model_validate({"name": "x", "as_of": AS_OF, **keys})


def planned(**keys: Any) -> Simulation:
    return make_plan(scenario(**keys)).simulation


def fjord(name: str = "Fjord", *, halls: int = 2, containers: int = 4, areas: int = 3, rings: int = 6, **keys: Any) -> dict[str, Any]:
    """A geography in full: `halls` halls of `containers` for each stage, and the areas; further keys are its own."""
    code = name[:3].upper()
    return {
        "name": name,
        "stations": [
            {
                "name": f"{code}-FW",
                "latitude": 60,
                "longitude": 5,
                "halls": [
                    {"letter": f"{stage[0]}{n}" + ("o" if "-" in stage else ""), "stage": stage, "containers": containers}
                    for stage in STAGES
                    for n in range(1, halls + 1)
                ],
            }
        ],
        "areas": [{"name": f"{code}-SEA-{{n}}", "count": areas, "latitude": 60, "longitude": 5, "rings": rings, "barges": 2}],
        **keys,
    }


@st.composite
def calendars(draw: st.DrawFn) -> dict[str, Any]:
    """Keys that say how many batches and when, for the top of a scenario or for one geography; sparse enough that many fit."""
    way = draw(st.sampled_from(["batches", "years", "ages", "open"]))
    if way == "ages":
        ages = draw(st.lists(st.integers(1, 950), min_size=1, max_size=5, unique=True))
        return {"ages": ages}
    if way == "years":
        return {"years": draw(st.integers(1, 25)) / 10}
    keys: dict[str, Any] = {"batches": draw(st.integers(1, 6))}
    if way == "batches":
        keys["stagger"] = draw(st.integers(40, 260))
    return keys


@st.composite
def schedules(draw: st.DrawFn) -> dict[str, Any]:
    """Keys of a whole scenario: one or two geographies, one of them perhaps in full, with a calendar together or one each."""
    geographies = draw(
        st.sampled_from(
            [
                [fjord()],
                [fjord(), fjord("Loch", halls=1, containers=7, areas=1, rings=17)],
                [{"name": "Scotland"}, fjord()],
                [{"name": "Faroe Islands"}, {"name": "Scotland"}],
            ]
        )
    )
    keys: dict[str, Any] = {
        "saturation": 1.0,
        "seed": draw(st.integers(0, 99)),
        "fallow": draw(st.sampled_from([0, 0, 7, 30])),
        "planning": draw(st.sampled_from(["exact", "worst_case"])),
        "eggs": draw(st.sampled_from([1_000, 20_000, 100_000])),
        "containers_per_stage": draw(st.integers(1, 4)),
        "rings_per_batch": draw(st.integers(1, 6)),
    }
    if draw(st.booleans()):
        return {**keys, **draw(calendars()), "geographies": geographies}
    return {**keys, "geographies": [{**each, **draw(calendars())} for each in geographies]}
