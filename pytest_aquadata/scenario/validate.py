"""From a tree to a scenario, or to everything that is wrong with it in one go.

Rules between keys need sound values; where some are not, the rules are tried on the rest, so that nobody has to
correct a file twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from pytest_aquadata.scenario.errors import placed, problems_of
from pytest_aquadata.scenario.faults import Fault, Path
from pytest_aquadata.scenario.fields import Context
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.source import Node, Problem


def validate(node: Node, today: date, ranks: Mapping[str, int]) -> tuple[Scenario | None, list[Problem]]:
    """The scenario of a tree, or None and all its mistakes.

    today: the day that the word `today` stands for. ranks: see `errors.placed`.
    """
    try:
        return Scenario.model_validate(node.plain(), context=Context(today)), []
    except ValidationError as error:
        found = list(problems_of(error, node))
    result = [what if isinstance(what, Problem) else placed(what, node, ranks) for _, what in found]
    if any(isinstance(what, Problem) for _, what in found):
        result += [placed(fault, node, ranks) for fault in _among_sound(node.plain(), [at for at, _ in found], today)]
    return None, result


def _among_sound(plain: dict[str, Any], wrong: Sequence[Path], today: date) -> Iterator[Fault]:
    """The broken rules of what is left without the wrong values: keys, keys of one geography, or whole geographies."""
    keys: set[str] = set()
    inner: set[tuple[int, str]] = set()
    lost: set[int] = set()
    for path in wrong:
        if path[0] == "criteria" and len(path) > 2 and isinstance(plain["criteria"], dict):
            plain["criteria"].pop(path[1], None)
        elif path[0] == "streams" and len(path) > 1 and isinstance(plain["streams"], dict):
            plain["streams"].pop(path[1], None)  # the names of the others are looked up when the known ones are sound
        elif len(path) < 2 or path[0] != "geographies" or not isinstance(path[1], int):
            keys.update(map(str, path[:1]))
        elif len(path) == 2 or path[2] == "name":
            lost.add(path[1])
        else:
            inner.add((path[1], str(path[2])))
    given = plain.get("geographies")
    uses: list[Any] = given if isinstance(given, list) else []
    kept = [place for place in range(len(uses)) if place not in lost]
    if lost:
        plain["geographies"] = [uses[place] for place in kept]
        if not kept:
            keys.add("geographies")
    broken: set[Path] = {("geographies", -1 - place) for place in lost}
    for place, key in inner:
        if place not in lost:
            uses[place].pop(key, None)
            broken.add(("geographies", kept.index(place), key))
    for key in keys:
        plain.pop(key, None)
        broken.add((key,))
    plain.setdefault("name", "x")
    plain.setdefault("as_of", today)
    try:
        Scenario.model_validate(plain, context=Context(today, frozenset(broken)))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            for fault in getattr(detail.get("ctx", {}).get("error"), "faults", ()):
                yield _as_written(fault, kept)


def _as_written(fault: Fault, kept: Sequence[int]) -> Fault:
    """A fault with the geographies numbered as in the file."""

    def back(path: Path) -> Path:
        inside = len(path) > 1 and path[0] == "geographies" and isinstance(path[1], int)
        return (path[0], kept[int(path[1])], *path[2:]) if inside else path

    against = back(fault.against) if fault.against else None
    return Fault(back(fault.path), fault.message, fault.hint, fault.key, against)
