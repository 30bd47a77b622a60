"""The rules between the keys of a scenario: which exclude one another, which need one another.

A rule reports the key that has to change. A key whose value was refused already counts as given, and rules that would
need its value stay silent, so that one reading of a file reports all of its mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pytest_aquadata.scenario.faults import Fault, Path
from pytest_aquadata.scenario.suggest import closest
from pytest_aquadata.scenario.worldfile import world

if TYPE_CHECKING:
    from pytest_aquadata.scenario.geography import GeographySpec
    from pytest_aquadata.scenario.models import GeographyUse, Scenario

COUNTS = ("batches", "years", "ages")
"""The three ways to say how many batches; one of them is given."""


class _Part:
    """The scenario itself or one of its geographies: what is given in it, broken or not."""

    def __init__(self, values: Scenario | GeographyUse, at: Path, broken: frozenset[Path]) -> None:
        self.values, self.at, self.all_broken = values, at, broken
        self.broken = {path[-1] for path in broken if len(path) == len(at) + 1 and path[:-1] == at}

    def given(self, key: str) -> bool:
        return key in self.broken or (key in self.values.model_fields_set and getattr(self.values, key) is not None)

    def sound(self, *keys: str) -> bool:
        return not self.broken.intersection(keys)

    def fault(self, key: str, message: str, hint: str = "") -> Fault:
        return Fault((*self.at, key), message, hint, key=True)

    def clash(self, key: str, other: str, hint: str) -> Fault:
        message = f"'{other}' and '{key}' exclude each other"
        return Fault((*self.at, key), message, hint, key=True, against=(*self.at, other))


def check(scenario: Scenario, broken: frozenset[Path]) -> Iterator[Fault]:
    """Every rule that the scenario breaks, in the order of its keys."""
    top = _Part(scenario, (), broken)
    yield from _calendar(top, scenario, None if top.given("start") and not top.sound("start") else scenario.start)
    if not top.sound("geographies"):
        return
    uses = [_Part(use, ("geographies", use.place(position)), broken) for position, use in enumerate(scenario.geographies)]
    unread = sum(1 for path in broken if len(path) == 2 and path[0] == "geographies")
    alone = [any(use.given(key) for key in COUNTS) for use in uses]
    yield from _number(top, alone.count(False) + unread)
    for use, own in zip(uses, alone, strict=True):
        yield from _alone(use, own)
        inherits = own and top.sound("start") and not use.given("start") and not use.given("years") and not use.given("ages")
        yield from _calendar(use, scenario, scenario.start if inherits else use.values.start if use.sound("start") else None)
    yield from _places(scenario, uses)


def _calendar(part: _Part, scenario: Scenario, start: date | None) -> Iterator[Fault]:
    """Rules on the dates of the whole scenario or of one geography; `start` is that of its first batch, if given."""
    values = part.values
    ages, years = part.given("ages"), part.given("years")
    for key in ("start", "youngest", "stagger"):
        if ages and part.given(key):
            yield part.clash(key, "ages", "ages place every batch in time by themselves")
    if part.given("start") and years:
        yield part.clash("start", "years", "years are counted back from as_of: the first batch starts there")
    elif part.given("start") and part.given("youngest") and not ages:
        yield part.clash("youngest", "start", "either places the batches in time")
    elif years and part.given("youngest") and not ages:
        yield part.clash("youngest", "years", "years are counted back from as_of, and batches start until then")
    if start is None or not part.sound("as_of") or ("as_of",) in part.all_broken:
        return
    if start >= scenario.as_of:
        if part.given("start"):
            hint = "as_of is the day after the last events"
            yield Fault((*part.at, "start"), f"start {start} is not before as_of {scenario.as_of}", hint)
    elif values.batches is not None and values.stagger is not None and part.sound("batches", "stagger"):
        last = start + timedelta(days=(values.batches - 1) * values.stagger)
        if last >= scenario.as_of:
            fit = ((scenario.as_of - start).days - 1) // values.stagger + 1
            message = f"the last of {values.batches} batches would start on {last}, not before as_of {scenario.as_of}"
            yield Fault((*part.at, "batches"), message, f"{fit} fit in that time")


def _exactly_one(part: _Part) -> Iterator[Fault]:
    given = [key for key in COUNTS if part.given(key)]
    for key in given[1:]:
        yield part.clash(key, given[0], f"one of {', '.join(COUNTS)} says how many batches there are")


def _number(top: _Part, turns: int) -> Iterator[Fault]:
    """How many batches the geographies that take turns have together."""
    yield from _exactly_one(top)
    given = [key for key in COUNTS if top.given(key)]
    if turns and not given:
        yield Fault(
            (),
            "how many batches? None of 'batches', 'years', 'ages' is given",
            "e.g. batches: 1, or years: 4 years",
            key=True,
        )
    if not turns:
        for key in (*given, "stagger"):
            if top.given(key):
                yield top.fault(
                    key,
                    f"'{key}' is for geographies that take turns, and none does",
                    "each has a number of batches of its own",
                )


def _alone(use: _Part, counted: bool) -> Iterator[Fault]:
    """A geography's own calendar, which needs a number of its own."""
    yield from _exactly_one(use)
    for key in ("stagger", "start", "youngest"):
        if use.given(key) and not counted:
            yield use.fault(
                key,
                f"'{key}' of one geography needs a number of its own",
                "add batches, years or ages here, or move it to the top",
            )


def _places(scenario: Scenario, uses: Sequence[_Part]) -> Iterator[Fault]:
    """Rules on the geographies as places: known, told apart, able to take a batch."""
    known = world()
    names: set[str] = set()
    codes: dict[str, str] = {}
    told: set[Path] = set()
    taken = {place for spec in known.values() for group in (*spec.stations, *spec.areas) for place in group.names()}
    for use, part in zip(scenario.geographies, uses, strict=True):
        if not part.sound("name"):
            continue
        if use.name in names:
            yield part.fault("name", f"'{use.name}' is named twice")
            continue
        names.add(use.name)
        if use.like is not None or part.given("count"):
            if faults := list(_alike(use, part, known)):
                yield from faults
                continue
        elif not use.in_full and part.sound("stations", "areas"):
            if use.name not in known:
                hint = closest(use.name, known, "the world has")
                yield Fault(
                    (*part.at, "name"),
                    f"unknown geography '{use.name}'",
                    f"{hint} (one of your own needs stations and areas)",
                )
                continue
            for key in ("currency", "description"):
                if part.given(key):
                    yield part.fault(
                        key,
                        f"'{key}' of '{use.name}' comes from the world",
                        "only a geography of your own, with stations and areas, has it",
                    )
        elif use.in_full and use.name in known:
            yield Fault(
                (*part.at, "name"),
                f"the world has '{use.name}' already",
                "give yours another name, or leave out stations and areas",
            )
            continue
        if use.code in codes and part.sound("code"):
            if use.like is not None and part.at in told:
                continue
            told.add(part.at)
            hint = f"declare another: {{name: {use.name}, code: ...}}"
            yield Fault(
                (*part.at, "code" if part.given("code") else "name"),
                f"'{use.name}' and '{codes[use.code]}' share the code {use.code}",
                hint,
            )
            if use.like is not None:
                continue  # its places are named after the code, and share their names too
        codes[use.code] = use.name
        if part.sound("stations", "areas"):
            yield from _room(use, part, taken)


def _alike(use: GeographyUse, part: _Part, known: Mapping[str, GeographySpec]) -> Iterator[Fault]:
    """Rules on a geography that is like another one."""
    if use.like is None:
        if part.sound("like"):
            yield part.fault("count", "'count' needs 'like'", "count: 3 with like: Faroe Islands are three geographies like that one")
        return
    for key in ("stations", "areas"):
        if part.given(key):
            yield part.clash(key, "like", "its places are those of the other one")
    if use.like not in known:
        yield Fault((*part.at, "like"), f"unknown geography '{use.like}'", closest(use.like, known, "the world has"))
    elif use.name in known:
        yield Fault((*part.at, "name"), f"the world has '{use.name}' already", "give yours another name")


def _room(use: GeographyUse, part: _Part, taken: set[str]) -> Iterator[Fault]:
    lacking = use.spec.missing()
    if lacking:
        what = "no sea rings" if lacking == "Adult" else f"no halls for {lacking}"
        yield Fault((*part.at, "name"), f"'{use.name}' can take no batch: {what}")
    if use.in_full or use.like is not None:
        for key, groups in (("stations", use.spec.stations), ("areas", use.spec.areas)):
            for place, group in enumerate(groups):
                twice = next((name for name in group.names() if name in taken), None)
                if twice is not None:
                    yield Fault(
                        (*part.at, key, place, "name") if use.in_full else (*part.at, "code"),
                        f"there are two places named '{twice}'",
                        "every station and area has a name of its own",
                    )
                taken.update(group.names())
