"""The mortality models behind scenarios: one for all, or one for each geography where fish die at other rates."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_aquadata.plan import masterdata
from pytest_aquadata.plan.world import World
from pytest_aquadata.scenario.profile import Profile


@dataclass(frozen=True, slots=True)
class LossModel:
    """One mortality model. number: in the plan, from 1. profile: with the losses of the geography it is for."""

    number: int
    name: str
    profile: Profile

    def stage_number(self, order: int) -> int:
        """Number of the model's row (scenario_mortality_model_stage) for a stage, by its order."""
        return (self.number - 1) * len(self.profile.stages) + order


def loss_models(world: World, profile: Profile) -> tuple[LossModel, ...]:
    """The models in the order of their numbers; those of geographies follow the geographies that take batches (`World.takers`)."""
    terms = masterdata.document("scenario_models")["mortality_model"]
    if not profile.losses_differ:
        return (LossModel(1, terms["name"], profile),)
    return tuple(
        LossModel(number, terms["name_by_geography"].format(geography=taker.name), profile.at(taker.spec.kin))
        for number, taker in enumerate(world.takers, start=1)
    )


def loss_model_of(world: World, profile: Profile, geography: int) -> int:
    """Number of the model of a geography, by its number."""
    return [taker.number for taker in world.takers].index(geography) + 1 if profile.losses_differ else 1
