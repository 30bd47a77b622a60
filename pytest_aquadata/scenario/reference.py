"""The reference of scenario files, made from the models: every key, what may be written, its default and what it means.

``python -m pytest_aquadata.scenario.reference > docs/reference.md`` writes the page of the documentation.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.geography import AreaSpec, HallSpec, StationSpec, Temperatures
from pytest_aquadata.scenario.models import (
    Feeding,
    GeographyUse,
    GrowthSamples,
    HealthSamples,
    Journal,
    LiceCounts,
    Projection,
    Readings,
    Scenario,
    Streams,
)
from pytest_aquadata.scenario.schema import json_schema
from pytest_aquadata.scenario.written import written

_SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("The scenario", Scenario),
    ("`readings`", Readings),
    ("`feeding`", Feeding),
    ("`growth_samples`", GrowthSamples),
    ("`health_samples`", HealthSamples),
    ("`lice_counts`", LiceCounts),
    ("`journal`", Journal),
    ("`projection`", Projection),
    ("`streams`", Streams),
    ("`temperatures`", Temperatures),
    ("An entry of `geographies`", GeographyUse),
    ("An entry of `stations`", StationSpec),
    ("An entry of `halls`", HallSpec),
    ("An entry of `areas`", AreaSpec),
    ("A criterion", CriterionSpec),
)


_DEFAULTS = {"as_of": "`today`", "geographies": "`[Faroe Islands, Scotland]`"}
_KINDS = {
    "criteria": "list of names, or mapping of them ([criteria.md](criteria.md))",
    "freshwater": "a number, or twelve",
    "sea": "a number, or twelve",
}
"""What the models and their schema do not say in a few words."""


def reference() -> str:
    """The page, in Markdown."""
    schema = json_schema()
    lines = [
        "# Reference of scenario files",
        "",
        "Made from the models that read them by `python -m pytest_aquadata.scenario.reference`. [scenarios.md](scenarios.md) says how the",
        "keys work together, [errors.md](errors.md) what is said about mistakes.",
    ]
    for title, model in _SECTIONS:
        known = schema["properties"] if model is Scenario else schema["$defs"][model.__name__]["properties"]
        lines += ["", f"## {title}", "", " ".join((model.__doc__ or "").split()), ""]
        lines += ["| key | written | default | meaning |", "|---|---|---|---|"]
        lines += [_row(name, field, known[name], schema) for name, field in model.model_fields.items()]
    return "\n".join(lines) + "\n"


def _row(name: str, field: FieldInfo, known: dict[str, Any], schema: dict[str, Any]) -> str:
    kinds = _KINDS.get(name) or ", ".join(dict.fromkeys(_kinds(known, schema)))
    cells = (f"`{name}`", kinds, _default(name, field), field.description or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(name: str, field: FieldInfo) -> str:
    described = "(default:" in (field.description or "")
    if name in _DEFAULTS:
        return _DEFAULTS[name]
    if field.is_required():
        return "" if described else "needed"
    value = field.get_default(call_default_factory=True)
    return "" if value in (None, "", {}, ()) else f"`{written(name, value)}`"


def _kinds(known: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """What may be written, by the schema: examples where it has some, else types."""
    if "examples" in known:
        yield " or ".join(f"`{example}`" for example in known["examples"])
        return
    if "$ref" in known:
        yield from _kinds(schema["$defs"][known["$ref"].rpartition("/")[2]], schema)
        return
    for part in known.get("anyOf", known.get("allOf", ())):
        yield from _kinds(part, schema)
    if "enum" in known:
        yield " or ".join(f"`{value}`" for value in known["enum"])
    elif "const" in known:
        yield f"`{known['const']}`"
    elif known.get("type") == "array":
        items = known.get("items", {})
        yield "list of " + (", ".join(dict.fromkeys(_kinds(items, schema))) or "values")
    elif (kind := known.get("type")) not in (None, "null"):
        names = {"integer": "whole number", "boolean": "true or false", "object": "mapping", "string": "text"}
        yield "date" if "[0-9]{4}" in known.get("pattern", "") else names.get(str(kind), str(kind))


def main() -> None:
    """Prints the page."""
    sys.stdout.write(reference())


if __name__ == "__main__":
    main()
