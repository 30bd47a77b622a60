"""``BatchFactory(age_days=200)``: a batch that has lived, through the plan and the streams of a build.

The arguments are held here; the engine, which stands above factories, is imported when the first such batch is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.factories.seeding import seed_of_test


@dataclass(frozen=True, slots=True)
class Aged:
    """A batch of an age.

    age_days: days lived; the last events are those of the day before. start_date: the day its eggs arrived. geography: a geography of the
    world. seed: of all random numbers; in a test with the fixture `aquadata_seed` the test's, else 1. profile: a realism profile.
    scenario: further keys of a scenario, like ``{"readings": {"times": ["12:00"]}}``. batch_number: its name; by default the plan's.
    """

    age_days: int
    start_date: date
    geography: str = "Faroe Islands"
    seed: int = field(default_factory=seed_of_test)
    profile: str | None = None
    scenario: Mapping[str, Any] = field(default_factory=dict)
    batch_number: str | None = None


_NAMES = tuple(each.name for each in fields(Aged))
_ONLY_WITH_AGE = ("geography", "seed", "profile", "scenario")


def aged_of(arguments: Mapping[str, Any], clock: datetime) -> Aged | None:
    """The batch that a factory's arguments ask for; None without an age.

    Raises:
        AquadataError: arguments that do not go together, or an age that is none.
    """
    if arguments.get("age_days") is None:
        if alone := [name for name in _ONLY_WITH_AGE if name in arguments]:
            raise AquadataError(f"BatchFactory({alone[0]}=…) goes with an age: BatchFactory(age_days=200, {alone[0]}=…)")
        return None
    given = dict(arguments)
    start = given.pop("start_date", None) or given.pop("clock", clock)
    given.pop("clock", None)
    if other := [name for name in given if name not in _NAMES]:
        raise AquadataError(
            f"BatchFactory(age_days=…) works {other[0]} out by itself: leave it out\n    it takes {', '.join(_NAMES)} and clock"
        )
    age = given["age_days"]
    if not isinstance(age, int) or isinstance(age, bool) or age < 1:
        raise AquadataError(f"BatchFactory: age_days={age!r} is no age: a whole number of days, 1 or more")
    if not isinstance(start, date):
        raise AquadataError(f"BatchFactory: start_date={start!r} is no date")
    if not isinstance(given.get("scenario", {}), Mapping):
        raise AquadataError("BatchFactory: scenario is a mapping of a scenario's keys, like {'readings': {'times': ['12:00']}}")
    return Aged(**given, start_date=start.date() if isinstance(start, datetime) else start)
