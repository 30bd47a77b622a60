"""A scenario with every value that holds and where it comes from, as a file that is itself a scenario: the same farm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.geography import Model
from pytest_aquadata.scenario.models import GeographyUse, Scenario
from pytest_aquadata.scenario.profile import load_profile
from pytest_aquadata.scenario.written import written

_COLUMN = 60
_DEFAULT = "default"
_Line = tuple[str, str]
"""Text, and where it comes from."""


def explained(scenario: Scenario, origins: Mapping[str, str]) -> str:
    """The scenario's text.

    origins: where a key was written, by its dotted path; what is not in it is a default.
    """
    lines: list[_Line] = []
    for name, field in Scenario.model_fields.items():
        value = getattr(scenario, name)
        if name == "geographies":
            lines += _geographies(scenario.geographies, origins)
        elif name == "criteria":
            lines += _criteria(scenario.criteria, origins)
        elif value is None:
            lines.append(_unset(name, field.description or ""))
        elif name == "youngest" and (scenario.batches is None or scenario.start is not None):
            # its default would contradict what else places the batches in time
            lines.append((f"# {name}: not in use", ""))
        else:
            lines += _value(name, value, name, origins)
    lines += _profile(scenario.profile)
    return "\n".join(f"{text:<{_COLUMN}}  # {origin}" if origin else text for text, origin in lines) + "\n"


def _unset(name: str, description: str, indent: str = "") -> _Line:
    """A key without a value: what then holds, as its description says."""
    holds = re.search(r"\(default: (.*)\)", description)
    return f"{indent}# {name}: not set" + (f", so {holds[1]}" if holds else ""), ""


def _value(name: str, value: object, at: str, origins: Mapping[str, str]) -> Iterator[_Line]:
    """A key and its value; keys inside it have lines of their own where one of them was written."""
    inner = [key for key in origins if key.startswith(f"{at}.")]
    if isinstance(value, Model) and inner:
        yield f"{name}:", ""
        for key in (*type(value).model_fields, *(value.model_extra or ())):
            origin = origins.get(f"{at}.{key}", _DEFAULT)
            yield f"  {key}: {written(key, getattr(value, key))}", origin
    else:
        yield f"{name}: {written(name, value)}", origins.get(at, _DEFAULT)


def _geographies(geographies: tuple[GeographyUse, ...], origins: Mapping[str, str]) -> Iterator[_Line]:
    yield "geographies:", origins.get("geographies", _DEFAULT)
    for number, use in enumerate(geographies):
        at, dash = f"geographies.{number}", "  - "
        for name, field in GeographyUse.model_fields.items():
            value = getattr(use, name)
            in_full = use.in_full or name in use.model_fields_set
            if value is None or (not in_full and name in ("currency", "description")) or name == "count":
                # what only a geography in full has; one of many stands by itself here
                if value is None and name not in ("stations", "areas", "like"):
                    yield _unset(name, field.description or "", "    ")
                continue
            origin = origins.get(f"{at}.{name}", _DEFAULT if name != "code" else "default, from the name")
            yield f"{dash}{name}: {written(name, value)}", origin
            dash = "    "


def _criteria(criteria: Mapping[str, CriterionSpec], origins: Mapping[str, str]) -> Iterator[_Line]:
    if "criteria" not in origins:
        yield "criteria: [standard]", "default: all standard ones, and those of the profile's figures"
        return
    yield "criteria:", origins["criteria"]
    for name, spec in criteria.items():
        yield f"  {name}: {written(name, spec)}", origins.get(f"criteria.{name}", _DEFAULT)


def _profile(name: str) -> Iterator[_Line]:
    profile = load_profile(name)
    yield "", ""
    yield f"# from profile {name}: {profile.description}", ""
    for stage in profile.stages:
        growth = f"TGC {stage.tgc}, up to {stage.cap_g} g, FCR {stage.fcr}"
        yield f"#   {stage.name}: {stage.days} days, {growth}, loss {stage.mortality_percent} % a day", ""
