"""A harvest divided into lots by grade: every fish and every gram of it, once."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_aquadata.plan import growth, masterdata
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.profile import Profile


@dataclass(frozen=True, slots=True)
class Lot:
    """Fish of one grade from one ring. grade: number in the master data. Weights in whole grams."""

    grade: int
    fish: int
    live_g: int
    gutted_g: int
    fillet_g: int


def divide(profile: Profile, fish: int, live_g: int) -> list[Lot]:
    """Divide the fish of a ring that weigh `live_g` together; grades that get no fish have no lot.

    Fish that a share cuts through go to the largest grade, and so do the grams that rounding leaves: fish and weight add up exactly.
    """
    rules, numbers = profile.harvest, masterdata.grades()
    largest = max(rules.grades, key=lambda code: rules.grades[code].share_percent)
    counts = {code: int(fish * grade.share_percent / 100) for code, grade in rules.grades.items()}
    counts[largest] += fish - sum(counts.values())
    scaled = {code: count * int(rules.grades[code].weight_factor * 100) for code, count in counts.items()}
    whole = sum(scaled.values())
    grams = {code: live_g * part // whole for code, part in scaled.items()} if whole else {}
    grams[largest] = live_g - sum(weight for code, weight in grams.items() if code != largest)
    return [
        Lot(
            numbers[code],
            counts[code],
            grams[code],
            int(grams[code] * rules.gutted_percent / 100),
            int(grams[code] * rules.fillet_percent / 100),
        )
        for code in rules.grades
        if counts[code]
    ]


def harvest_of(profile: Profile, batch: Batch) -> list[tuple[int, list[Lot]]]:
    """(slot, lots) of every ring of a batch that is harvested; empty for one that is not."""
    if not batch.harvested:
        return []
    mean = float(growth.grams(batch.curve[-1:])[0])
    rings = enumerate(batch.stays[-1].left.tolist())
    return [(slot, divide(profile, fish, round(fish * mean))) for slot, fish in rings if fish]
