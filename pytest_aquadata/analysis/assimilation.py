"""The states of some batches, day after day, from their records: the application's growth analysis in columns.

All assignments of a group go through the days together. Nothing here is shared with the stream that writes daily states: that the two agree
is a check of both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_aquadata.analysis.records import REACH, Columns, Records

Float = NDArray[np.float64]
Int = NDArray[np.int64]

ANCHORS = ("growth_sample", "transfer", "vaccination")
WEIGHTS = ("measured", "tgc_computed", "unchanged")
TEMPERATURES = ("measured", "interpolated", "nearest", "profile", "none")
_ANCHORED = np.array([1.0, 0.95, 0.90])
_COMPUTED, _UNCHANGED = 0.8, 0.3
_NEAREST, _PROFILE = 0.6, 0.5
_MODELLED = 0.4
_LEAST_GAIN_KG, _MOST_FCR = 1.0, 10.0


@dataclass(frozen=True, slots=True)
class States:
    """States in columns, each of shape (states,), assignment by assignment and day by day.

    at: index of the assignment in the records. day: days since 1970-01-01. fish, dead: numbers. degrees, fcr: not a number for none.
    anchor: index into `ANCHORS`, -1 for none. weight, temperature: indices into `WEIGHTS` and `TEMPERATURES`. modelled: deaths are the
    model's. sure_weight, sure_temperature: confidence, 0 to 1.
    """

    at: Int
    day: Int
    fish: Int
    dead: Int
    grams: Float
    kg: Float
    feed_kg: Float
    degrees: Float
    fcr: Float
    anchor: Int
    weight: Int
    temperature: Int
    modelled: NDArray[np.bool_]
    sure_weight: Float
    sure_temperature: Float


def assimilate(records: Records) -> States:
    """The states of every assignment on every day that it is held."""
    stays = records.assignments
    first, until = stays["first"].astype(np.int64), stays["until"].astype(np.int64)
    lengths = until - first
    starts = np.cumsum(lengths) - lengths
    at = np.repeat(np.arange(len(first)), lengths)
    day = np.arange(int(lengths.sum())) - np.repeat(starts, lengths) + np.repeat(first, lengths)
    place = _Place(first, until, starts)
    degrees, temperature, sure = _temperatures(records, at, day)
    feed = place.summed(records.fed, "kg", len(at)) / 10_000.0
    anchor, anchored = _anchors(records, place, len(at))
    walk = _Walk(records, place, first, until, degrees, anchored)
    for today in range(int(first.min(initial=0)), int(until.max(initial=0))) if len(first) else ():
        walk.pass_day(today)
    gain = walk.fish * (walk.grams - walk.before) / 1000.0
    observed = (feed > 0) & (gain > _LEAST_GAIN_KG)
    fcr = np.where(observed, np.minimum(feed / np.where(observed, gain, 1.0), _MOST_FCR), np.nan)
    dry = np.isnan(degrees)
    return States(
        at=at,
        day=day,
        fish=walk.fish,
        dead=walk.dead,
        grams=walk.grams,
        kg=walk.fish * walk.grams / 1000.0,
        feed_kg=feed,
        degrees=degrees,
        fcr=fcr,
        anchor=anchor,
        weight=np.where(anchor >= 0, 0, np.where(dry, 2, 1)),
        temperature=temperature,
        modelled=~records.known_deaths[at],
        sure_weight=np.where(anchor >= 0, _ANCHORED[anchor], np.where(dry, _UNCHANGED, np.minimum(sure, _COMPUTED))),
        sure_temperature=sure,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the state of an assignment and day is."""

    first: Int
    until: Int
    starts: Int

    def __call__(self, at: Int, day: Int) -> Int:
        """Index of the state, -1 for a day outside of the stay."""
        held = (day >= self.first[at]) & (day < self.until[at])
        return np.where(held, self.starts[at] + day - self.first[at], -1)

    def summed(self, events: Columns, what: str, count: int) -> Int:
        """Sums of what happened in each state; shape (states,)."""
        index = self(events["at"], events["day"].astype(np.int64))
        total = np.zeros(count, dtype=np.int64)
        np.add.at(total, index[index >= 0], events[what][index >= 0])
        return total


def _anchors(records: Records, place: _Place, count: int) -> tuple[Int, Float]:
    """Kind of the best anchor of each state, -1 for none, and its cube root of weight."""
    anchor, root = np.full(count, -1, dtype=np.int64), np.full(count, np.nan)
    found = records.anchors
    index = place(found["at"], found["day"].astype(np.int64))
    for rank in range(len(ANCHORS) - 1, -1, -1):
        mine = (found["rank"] == rank) & (index >= 0)
        anchor[index[mine]] = rank
        root[index[mine]] = np.cbrt(found["grams"][mine])
    return anchor, root


def _temperatures(records: Records, at: Int, day: Int) -> tuple[Float, Int, Float]:
    """Degrees of each state, where they come from, and their confidence: measured, else between or near such days, else the profile's."""
    stays = records.assignments
    first, until = stays["first"].astype(np.int64), stays["until"].astype(np.int64)
    # each stay with some days before and after, in which the water of the same container was measured
    width = until - first + 2 * REACH
    starts = np.cumsum(width) - width
    measured = np.full(int(width.sum()), np.nan)
    water = records.water
    where = water["day"] - first[water["at"]] + REACH
    inside = (where >= 0) & (where < width[water["at"]])
    measured[(starts[water["at"]] + where)[inside]] = water["degrees"][inside]
    here = starts[at] + day - first[at] + REACH
    position = np.arange(len(measured))
    there = ~np.isnan(measured)
    before = np.maximum.accumulate(np.where(there, position, -REACH - 1))[here] if len(measured) else here
    after = np.minimum.accumulate(np.where(there, position, len(measured) + REACH + 1)[::-1])[::-1][here] if len(measured) else here
    back, ahead = here - before, after - here
    low, high = measured[np.maximum(before, 0)], measured[np.minimum(after, len(measured) - 1)]
    span = back + ahead
    between = low + (high - low) * (back / np.maximum(span, 1))
    number = day - stays["started"].astype(np.int64)[at] + 1
    known = (number > 0) & (number < records.profiles.shape[1])
    profile = np.where(known, records.profiles[stays["profile"][at], np.where(known, number, 0)], np.nan)
    cases = [back == 0, (back <= REACH) & (ahead <= REACH), (back <= REACH) | (ahead <= REACH), ~np.isnan(profile)]
    degrees = np.select(cases, [low, between, np.where(back <= ahead, low, high), profile], np.nan)
    sure = np.select(
        cases, [np.ones(len(at)), np.maximum(0.4, 0.9 - span / 30.0), np.full(len(at), _NEAREST), np.full(len(at), _PROFILE)], 0.0
    )
    return degrees, np.select(cases, [0, 1, 2, 3], 4).astype(np.int64), sure


class _Walk:
    """The fish of all assignments, carried from day to day.

    now, root: fish and cube root of their weight in each assignment after the last day passed. fish, dead, grams, before: by state;
    `before` is the weight that the day began with.
    """

    def __init__(self, records: Records, place: _Place, first: Int, until: Int, degrees: Float, anchored: Float) -> None:
        stays = records.assignments
        count = len(degrees)
        self.records, self.place, self.first, self.until = records, place, first, until
        self.degrees, self.anchored = degrees, anchored
        self.fish, self.dead = np.zeros(count, dtype=np.int64), place.summed(records.dead, "fish", count)
        self.grams, self.before = np.zeros(count), np.zeros(count)
        self.now = np.zeros(len(first), dtype=np.int64)
        self.root = np.cbrt(stays["weight"])
        self.by_day = {int(each): np.flatnonzero(records.moved["day"] == each) for each in np.unique(records.moved["day"])}
        placed = records.placed
        self.eggs = np.zeros(count, dtype=np.int64)
        # eggs that arrive before or after their stay are there on its first day
        own = np.clip(placed["day"].astype(np.int64), first[placed["at"]], np.maximum(until[placed["at"]] - 1, first[placed["at"]]))
        index = place(placed["at"], own)
        np.add.at(self.eggs, index[index >= 0], placed["fish"][index >= 0])
        filled = np.zeros(len(first), dtype=np.bool_)
        filled[placed["at"]] = True
        filled[records.moved["at"]] = True
        self.unfilled = ~filled

    def pass_day(self, today: int) -> None:
        """One day: fish come and go, die, and grow."""
        stays = self.records.assignments
        held = np.flatnonzero((self.first <= today) & (today < self.until))
        beginning = held[(self.first[held] == today) & self.unfilled[held]]
        # nobody wrote down how these fish came: what the assignment itself says is all there is
        self.now[beginning] = stays["fish"][beginning]
        if today in self.by_day:
            self._move(self.by_day[today], today)
        if not len(held):
            return
        index = self.place.starts[held] + today - self.first[held]
        now, root = self.now[held] + self.eggs[index], self.root[held]
        dead = self.dead[index]
        modelled = ~self.records.known_deaths[held]
        dead = np.where(modelled, np.floor(now * (stays["loss"][held] / 100.0) + 0.5).astype(np.int64), dead)
        now = np.maximum(now - dead, 0)
        step = stays["tgc"][held] * self.degrees[index] / 1000.0
        grown = np.maximum(root, np.minimum(root + step, stays["cap"][held]))
        new = np.where(np.isnan(self.anchored[index]), np.where(np.isnan(step), root, grown), self.anchored[index])
        self.before[index], self.grams[index] = root**3, new**3
        self.fish[index], self.dead[index] = now, dead
        self.now[held], self.root[held] = now, new

    def _move(self, moves: Int, today: int) -> None:
        """Fish that are moved today, with the weight that they had the day before, mixed with those that are there."""
        moved = self.records.moved
        source, to, fish = moved["source"][moves], moved["at"][moves], moved["fish"][moves]
        mass = np.zeros(len(self.now))
        count = np.zeros(len(self.now), dtype=np.int64)
        known = source >= 0
        np.add.at(mass, to, np.where(known, self.root[source], self.root[to]) ** 3 * fish)
        np.add.at(count, to, fish)
        # a source that is left today has no state of today any more; one that stays gives up what it sent
        gone = np.zeros(len(self.now), dtype=np.int64)
        np.add.at(gone, source[known], fish[known])
        staying = gone * (self.until > today)
        filled = np.flatnonzero(count)
        before = self.now[filled]
        self.root[filled] = np.cbrt((before * self.root[filled] ** 3 + mass[filled]) / (before + count[filled]))
        self.now[filled] += count[filled]
        self.now = np.maximum(self.now - staying, 0)
