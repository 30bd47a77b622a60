"""The text of a new scenario: valid as it stands, with every key, what it means and its default."""

from __future__ import annotations

from datetime import date
from textwrap import wrap

from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.written import written

_WIDTH = 100
_EXAMPLES = {
    "start": "2022-01-01",
    "years": "4.25 years",
    "ages": "[40, 220, 400, 600]",
    "temperatures": "{freshwater: 12, sea: 9}",
    "criteria": "[standard, survival: {min: 80 %}]",
}
"""What a key without a default may look like; a value of the file's own, not the one that holds without it."""

_INSTEAD = ("years", "ages")
"""Keys that stand in place of `batches`."""


def template(name: str, today: date) -> str:
    """The text of scenarios/`name`.yaml, as it is written on `today`.

    Keys that are commented out show the value that holds without them, but for those that say 'for example'.
    """
    set_here = {
        "as_of": f"{today.isoformat()}",
        "batches": "4",
        "stagger": "90 days",
        "geographies": "\n  - Faroe Islands\n  - Scotland",
    }
    lines = [
        "# yaml-language-server: $schema=aquadata.schema.json",
        f"# The plan: pytest --aquadata={name} --collect-only.  Where each value comes from: pytest --aquadata={name} --aquadata-explain",
        f"# Build and verify: pytest --aquadata={name} -n 4",
        "",
        "description: Four batches, one in each of the first stages",
    ]
    for key, field in Scenario.model_fields.items():
        if key in ("name", "description"):
            continue
        about = field.description or ""
        if key in _INSTEAD:
            about += "; in place of `batches`"
        lines += ["", *(f"# {line}" for line in wrap(about + (", for example" if key in _EXAMPLES else ""), _WIDTH))]
        if key in set_here:
            value = set_here[key]
            lines.append(f"{key}:{value}" if value.startswith("\n") else f"{key}: {value}")
        else:
            lines.append(f"# {key}: {_EXAMPLES.get(key) or written(key, field.get_default())}")
    return "\n".join(lines) + "\n"
