"""The farm of a session: its scenario read and planned, or what the controller made of it taken up by a worker."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pytest_aquadata.context import Farm
from pytest_aquadata.handover import Handover, taken
from pytest_aquadata.load.sink import OpenedTarget
from pytest_aquadata.options import Options
from pytest_aquadata.scenario.load import find_scenario, load_scenario
from pytest_aquadata.verify import registry
from pytest_aquadata.whereabouts import normal

_INPUT = "aquadata"
"""Key of what the controller hands to its workers."""


def make_farm(config: pytest.Config, options: Options) -> Farm:
    """Read and plan a scenario; a worker takes what the controller made of it.

    Raises:
        AquadataError: the scenario is wrong, its plan does not fit, or it has no such batch.
    """
    handed: dict[str, Any] | None = getattr(config, "workerinput", {}).get(_INPUT)
    if handed is not None:
        plan = taken(Path(handed["plan"]))
        worker = config.workerinput["workerid"]  # type: ignore[attr-defined]  # xdist's
        return Farm(
            options,
            Path(handed["path"]),
            plan,
            alone=False,
            url=handed["url"],
            replace=handed["replace"],
            refusal=handed["refusal"],
            worker=worker,
            workshop=Path(handed["plan"]).parent,
        )
    path = normal(find_scenario(options.scenario, config.rootpath))
    scenario = load_scenario(path, options.overrides, today=date.today(), root=config.rootpath)
    config.hook.pytest_aquadata_scenario_loaded(config=config, scenario=scenario)
    scenario = scenario.with_columns(config.hook.pytest_aquadata_columns(config=config, scenario=scenario))
    scenario = scenario.with_criteria(config.hook.pytest_aquadata_criteria(config=config, scenario=scenario))
    for name, spec in scenario.criteria.items():
        registry.criterion_for(name, spec)  # one of another package that cannot be loaded is an error now, not after the build
    handover = Handover()
    farm = Farm(options, path, handover.plan(scenario), alone=True, handover=handover)
    config.hook.pytest_aquadata_plan_made(config=config, plan=farm.plan)
    _ = farm.batches  # a batch that was asked for and does not exist is an error now, not while collecting
    return farm


def hand_over(node: Any, farm: Farm, target: OpenedTarget) -> None:
    """Give an xdist worker what `make_farm` takes up there: the plan and where its rows go."""
    assert farm.handover is not None
    node.workerinput[_INPUT] = {
        "path": str(farm.path),
        "plan": str(farm.handover.leave(farm.plan)),
        "url": target.url,
        "replace": target.replace,
        "refusal": target.refusal,
    }
