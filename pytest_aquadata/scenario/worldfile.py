"""The shipped world by geography name, read once from ``data/world.yaml``."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from pytest_aquadata.scenario.geography import GeographySpec


@cache
def world() -> dict[str, GeographySpec]:
    """Every geography of the shipped world by name, in the order of the file. Not to be changed by the caller."""
    text = (resources.files("pytest_aquadata") / "data" / "world.yaml").read_text(encoding="utf-8")
    specs = [GeographySpec.model_validate(entry) for entry in yaml.safe_load(text)["geographies"]]
    return {spec.name: spec for spec in specs}
