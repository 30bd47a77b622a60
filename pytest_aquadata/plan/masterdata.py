"""Master data as the plan needs it: which plan number each name has, read from ``data/*.yaml`` and nowhere else.

Rows of a master table are numbered from 1 in the order of their file, so a number follows from a name without a
database. Every lookup is a read-only mapping from the name that a person uses to the plan number; an unknown name is a
`KeyError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from pytest_aquadata.scenario.profile import Profile

Numbers = Mapping[str, int]


@cache
def document(name: str) -> Mapping[str, Any]:
    """The content of ``data/NAME.yaml``; shared, so not to be changed."""
    text = (resources.files("pytest_aquadata") / "data" / f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return MappingProxyType(content)


def _numbered(names: Iterable[str]) -> Numbers:
    return MappingProxyType({name: number for number, name in enumerate(names, start=1)})


@cache
def stages() -> Numbers:
    """Lifecycle stages (batch_lifecyclestage) by name; the number is also the stage's order."""
    return _numbered(stage["name"] for stage in document("biology")["stages"])


@cache
def feeds() -> Numbers:
    """Feeds (inventory_feed) by name."""
    return _numbered(feed["name"] for feed in document("biology")["feeds"])


@cache
def parameters() -> Numbers:
    """Environmental parameters (environmental_environmentalparameter) by name."""
    return _numbered(parameter["name"] for parameter in document("environment")["parameters"])


@cache
def grades() -> Numbers:
    """Product grades (harvest_productgrade) by code."""
    return _numbered(grade["code"] for grade in document("finance")["grades"])


@cache
def users() -> Numbers:
    """Users (auth_user) by username."""
    return _numbered(user["username"] for user in document("people")["users"])


def user(role: str) -> int:
    """Number of the user who signs what belongs to a role: author, vet or operator."""
    return users()[document("people")["roles"][role]]


@cache
def container_types() -> Numbers:
    """Container types (infrastructure_containertype) by the name of the stage that uses them."""
    return _numbered(kind["stage"] for kind in document("container_types")["container_types"])


@cache
def vaccination_types() -> Numbers:
    """Vaccination types (health_vaccinationtype) by name, in the order of the guide's rotation."""
    return _numbered(kind["name"] for kind in document("health")["vaccination_types"])


@cache
def mortality_reasons() -> Numbers:
    """Mortality reasons (health_mortalityreason) by name."""
    return _numbered(reason["name"] for reason in document("health")["mortality_reasons"])


@cache
def sample_types() -> Numbers:
    """Sample types (health_sampletype) by name."""
    return _numbered(kind["name"] for kind in document("health")["sample_types"])


@cache
def health_parameters() -> Numbers:
    """Health parameters (health_healthparameter) by name."""
    return _numbered(parameter["name"] for parameter in document("health")["health_parameters"])


@cache
def lice_types() -> Mapping[tuple[str, str, str], int]:
    """Lice types (health_licetype) by (species, gender, development stage)."""
    kinds = [
        (group["species"], gender, stage)
        for group in document("health")["lice_types"]
        for gender in group["genders"]
        for stage in group["stages"]
    ]
    return MappingProxyType({kind: number for number, kind in enumerate(kinds, start=1)})


@cache
def egg_suppliers() -> Numbers:
    """Egg suppliers (broodstock_eggsupplier) by name."""
    return _numbered(supplier["name"] for supplier in document("biology")["egg_suppliers"])


def egg_supplier_of(geography: str) -> int:
    """Number of the supplier that delivers eggs to a geography; the last one delivers to those that nobody names."""
    suppliers = document("biology")["egg_suppliers"]
    for number, supplier in enumerate(suppliers, start=1):
        if geography in supplier["geographies"]:
            return number
    return len(suppliers)


def sensor_parameters(at_sea: bool) -> tuple[int, ...]:
    """Environmental parameters that the sensors of one container read, in the order of the sensors."""
    names = document("container_types")["sensors"]["sea" if at_sea else "freshwater"]
    return tuple(parameters()[name] for name in names)


_CONTENT_TYPES = (("batch", "batchtransferworkflow"), ("harvest", "harvestevent"))
"""What an intercompany transaction can point at (django_content_type): app label and model in lower case."""


@cache
def content_types() -> Mapping[tuple[str, str], int]:
    """Content types (django_content_type) by (app label, model)."""
    return MappingProxyType({kind: number for number, kind in enumerate(_CONTENT_TYPES, start=1)})


# The shared models behind scenarios. There is one constraint set and one FCR model, hence number 1 each; temperature profiles and TGC
# models follow the geographies that take batches (`World.takers`), mortality models do where losses differ (`losses`).

CONSTRAINT_SET = FCR_MODEL = 1


def fcr_stage(stage_order: int) -> int:
    """Number of the FCR model's row (scenario_fcrmodelstage) for a stage."""
    return stage_order


def loss_percent(profile: Profile) -> str:
    """The mortality model's single rate, % a day with three decimals: the mean of the stages over their days."""
    days = sum(stage.days for stage in profile.stages)
    lost = sum(stage.loss_per_100k * stage.days for stage in profile.stages)
    return f"{(2 * lost + days) // (2 * days) / 1000:.3f}"
