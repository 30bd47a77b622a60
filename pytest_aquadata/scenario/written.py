"""Values of a scenario as a scenario file writes them: what is read back from the text is the same value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml
from pydantic import BaseModel

from pytest_aquadata.scenario.fields import IntRange
from pytest_aquadata.scenario.geography import Temperatures

_UNITS = {"harvest_weight": " g", "days": " days", "every": " days", "stagger": " days", "fallow": " days", "youngest": " days"}
"""Units of keys whose values are numbers of something."""


def written(key: str, value: Any) -> str:
    """A value in one line of YAML, as it is written at a key of this name."""
    if key in Temperatures.model_fields and isinstance(value, tuple):
        return _monthly(value)
    if isinstance(value, IntRange):
        return f"{value}{_UNITS.get(key, '')}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if key == "times":
        return "[" + ", ".join(f'"{minutes // 60:02}:{minutes % 60:02}"' for minutes in value) + "]"
    if isinstance(value, BaseModel):
        return written(key, {name: getattr(value, name) for name in type(value).model_fields if getattr(value, name) is not None})
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(name)}: {written(str(name), inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written("", inner) for inner in value) + "]"
    if isinstance(value, str):
        return _text(value)
    return f"{value}{_UNITS.get(key, '')}"


def _text(value: object) -> str:
    """Text, in quotes where it needs them inside a flow of values."""
    shown: str = yaml.safe_dump([str(value)], default_flow_style=True, allow_unicode=True, width=10**6)
    return shown.strip()[1:-1]


def _monthly(millidegrees: tuple[int, ...]) -> str:
    degrees = [f"{value / 1000:g}" for value in millidegrees]
    return degrees[0] if len(set(degrees)) == 1 else "[" + ", ".join(degrees) + "]"
