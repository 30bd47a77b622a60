"""Writes ``biology.md`` beside it: the constants of the package with their sources, as they stand in its data files.

Run ``python docs/biology.py`` after a change of these files; a test holds the page against them.
"""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

FILES = {
    "profiles/guide.yaml": "The profile `guide`",
    "profiles/official.yaml": "The profile `official`",
    "biology.yaml": "Species, stages, feeds",
    "health.yaml": "Health",
    "environment.yaml": "Water",
    "container_types.yaml": "Containers",
    "scenario_models.yaml": "Models of the application's scenarios",
    "criteria.yaml": "Bounds of criteria",
}
"""Data files in the order of the page, and what each is about."""

INTRO = """\
# The biology, and where its numbers come from

Every number of the fish, the water and the tanks stands once, in a data file of the package, with its source beside it; code holds none.
This page is those files (`docs/biology.py` writes it), so it cannot say anything else than what a farm is built with. A profile is chosen
with `profile: guide` or `profile: official`; [data.md](data.md) compares what they make with what is published.

## How it fits together

| what | how it follows from the constants |
|---|---|
| weight | the cube root of the weight grows by `tgc` / 1000 for every degree-day (Iwama & Tautz 1981), up to the stage's `cap_g` |
| temperature | one function of place and date: `temperatures` of the profile, or of the scenario; the same for growth, sensors and models |
| length | follows from weight and condition factor: weight = condition x length^3 / 100, in g and cm |
| deaths | Poisson, at the stage's daily `mortality_percent` of the fish in the container |
| feed | `fcr` x the gain that is expected, at least `maintenance_percent` of the biomass where a cap stops growth |
| lice | Poisson around a mean: time at sea x season x what treatments have left |
| spread | single fish around the mean of their container, by the coefficients of variation below |

## Sources

| mark | what it stands for |
|---|---|
| [G] | the application's data guide, by the title of its section |
| [E n] | the application's own generator, which this package replaces: its constants as they were read there, numbered by topic |
| [D name] | decided for this package, where the guide contradicts itself or its own arithmetic; the name is the topic of the decision |
| [A] | arithmetic on other numbers of these files |
| chosen | no source was found; a value that is plausible, and open to be replaced |
| other marks | publications, named at the head of the profile that cites them |
"""


def page() -> str:
    """The whole page."""
    data = resources.files("pytest_aquadata") / "data"
    parts = [INTRO]
    for name, title in FILES.items():
        parts.append(f"## {title}\n\n`pytest_aquadata/data/{name}`\n")
        parts += [_part(*part) for part in _parts((data / name).read_text(encoding="utf-8"))]
    return "\n".join(parts)


def _parts(text: str) -> list[tuple[str, list[str]]]:
    """The file, cut before each key of its first level together with the comment above it; what precedes them has no name."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    waiting: list[str] = []
    for line in text.splitlines():
        if re.match(r"#|$", line):
            waiting.append(line)
            continue
        if key := re.match(r"(\w+):", line):
            if not parts[0][1] and "" in waiting:
                # the file's own comment ends at the first empty line
                cut = waiting.index("")
                parts[0][1].extend(waiting[:cut])
                waiting = waiting[cut:]
            parts.append((key[1], waiting))
            waiting = []
        else:
            parts[-1][1].extend(waiting)
            waiting = []
        parts[-1][1].append(line)
    return [(name, lines) for name, lines in parts if lines]


def _part(name: str, lines: list[str]) -> str:
    body = "\n".join(lines).strip("\n")
    return (f"### {name}\n\n" if name else "") + f"```text\n{body}\n```\n"


def main() -> None:
    """Write the page."""
    (Path(__file__).parent / "biology.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
