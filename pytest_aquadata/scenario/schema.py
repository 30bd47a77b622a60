"""JSON Schema of scenario files, for editors: completion, descriptions and mistakes while typing.

``python -m pytest_aquadata.scenario.schema > pytest_aquadata/scenarios/aquadata.schema.json`` writes the one that is
shipped.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.names import ALL, FIGURES, STANDARD
from pytest_aquadata.scenario.profile import profile_names
from pytest_aquadata.scenario.worldfile import world

_NAMES = {**STANDARD, **FIGURES}
_BOUNDS: dict[str, Any] = {"$ref": "#/$defs/CriterionSpec"}


def _criteria(description: str) -> dict[str, Any]:
    """Criteria by name, or as a list of names and one-key mappings."""
    known = {name: {"anyOf": [_BOUNDS, {"type": ["boolean", "null"]}], "description": what} for name, what in _NAMES.items()}
    one = {
        "type": "object",
        "properties": known,
        "additionalProperties": _BOUNDS,
        "minProperties": 1,
        "maxProperties": 1,
    }
    everything = {ALL: {"type": ["boolean", "null"], "description": "all standard criteria, beside those with bounds of their own"}}
    return {
        "description": description,
        "anyOf": [
            {"type": "object", "properties": {**everything, **known}, "additionalProperties": _BOUNDS},
            {"type": "array", "items": {"anyOf": [{"enum": [ALL, *_NAMES]}, one]}},
        ],
    }


def json_schema() -> dict[str, Any]:
    """The schema of a scenario file (draft 2020-12)."""
    schema = Scenario.model_json_schema()
    properties = schema["properties"]
    extends = {
        "type": "string",
        "description": "A scenario this one builds on: a name, or a path from this file. null takes a key away",
    }
    properties["criteria"] = _criteria(properties["criteria"]["description"])
    properties["geographies"]["items"] = {"anyOf": [{"enum": list(world())}, {"$ref": "#/$defs/GeographyUse"}]}
    properties["profile"]["enum"] = list(profile_names())
    properties["as_of"] = {
        "description": properties["as_of"]["description"],
        "anyOf": [{"const": "today"}, {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}],
    }
    for values in (properties, schema["$defs"]["GeographyUse"]["properties"]):
        values.get("code", {}).pop("default", None)
    # many of a kind are named after it
    use = schema["$defs"]["GeographyUse"]
    use["anyOf"] = [{"required": use.pop("required")}, {"required": ["like", "count"]}]
    schema["required"] = [key for key in schema.get("required", []) if key not in ("name", "as_of")]
    if not schema["required"]:
        del schema["required"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "pytest-aquadata scenario",
        "properties": {"extends": extends, **properties},
    }


def main() -> None:
    """Prints the schema."""
    json.dump(json_schema(), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
