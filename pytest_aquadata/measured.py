"""The figures of a build that can be kept and compared: what each is, when it is worse, and expressions that fail on it.

A figure that a session did not measure (a build that was there before takes no time) is None; to compare with it is a failure, so that no
gate is passed by doing nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.size import human_size
from pytest_aquadata.progress import human_seconds
from pytest_aquadata.scenario.suggest import closest

Values = Mapping[str, Any]
"""Figures by name: a number, a text (the digest), or None where it was not measured."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. unit: what an absolute allowance is counted in. more_is_better: else less is."""

    name: str
    unit: str
    says: str
    more_is_better: bool = False


FIGURES = (
    Figure("prepare", "s", "seconds to make schema, world and master data"),
    Figure("build", "s", "seconds from the start of the first batch to the end of the last"),
    Figure("finish", "s", "seconds for indexes, keys and statistics"),
    Figure("verify", "s", "seconds for all criteria"),
    Figure("total", "s", "seconds of these four together"),
    Figure("rows_per_second", "rows/s", "rows of batches a second of the build", more_is_better=True),
    Figure("size", "bytes", "the database on disk"),
)
"""The figures that an allowance can be given for; beside them there is ``digest``, which is the same or is not."""

DIGEST = "digest"
_EXPRESSION = re.compile(r"(?P<name>\w+)(?::(?P<allowed>[0-9]+(?:\.[0-9]+)?)(?P<percent>\s*%)?)?")


@dataclass(frozen=True, slots=True)
class Limit:
    """One ``--aquadata-compare-fail``: how much worse a figure may be, as a share or in its unit; None for the digest."""

    name: str
    allowed: float | None = None
    percent: bool = False


def limit(text: str) -> Limit:
    """An expression: 'build:20%', 'size:100000000' (in the figure's unit) or 'digest'.

    Raises:
        AquadataError: it is none; the text says what would be one.
    """
    names = [figure.name for figure in FIGURES]
    match = _EXPRESSION.fullmatch(text.strip())
    if match is None or (match["allowed"] is None) != (match["name"] == DIGEST):
        if match is not None and match["name"] not in (*names, DIGEST):
            raise _unknown(match["name"], names)
        raise AquadataError(
            f"--aquadata-compare-fail={text}: not an expression\n    write it like build:20%, total:30 (in seconds) or digest"
        )
    if match["name"] == DIGEST:
        return Limit(DIGEST)
    if match["name"] not in names:
        raise _unknown(match["name"], names)
    return Limit(match["name"], float(match["allowed"]), match["percent"] is not None)


def _unknown(name: str, names: Sequence[str]) -> AquadataError:
    return AquadataError(f"--aquadata-compare-fail: there is no figure '{name}'\n    {closest(name, [*names, DIGEST])}")


def figures_of(
    seconds: Mapping[str, float], rows: int, size: int | None, digest: str | None, *, built_all: bool, verified_all: bool
) -> Values:
    """The figures of a session.

    seconds: by phase. rows: built in this session. built_all: whether the session built every batch, so that its times are those of a whole
    build. verified_all: whether it held the database against every criterion.
    """
    times = {name: seconds.get(name) if built_all else None for name in ("prepare", "build", "finish")}
    times["verify"] = seconds.get("verify") if verified_all else None
    known = [value for value in times.values() if value is not None]
    build = times["build"]
    return {
        **times,
        "total": sum(known) if len(known) == len(times) else None,
        "rows_per_second": rows / build if build else None,
        "size": size,
        DIGEST: digest,
    }


def shown(figure: Figure, value: float) -> str:
    """A figure as a person reads it."""
    if figure.unit == "s":
        return human_seconds(value)
    return human_size(value) if figure.unit == "bytes" else f"{value:,.0f} {figure.unit}"


def compared(before: Values, now: Values) -> list[str]:
    """A line for each figure that both have."""
    lines = []
    for figure in FIGURES:
        old, new = before.get(figure.name), now.get(figure.name)
        if old is not None and new is not None:
            change = f"{(new / old - 1):+.0%}" if old else ""
            lines.append(f"{figure.name:<16}{shown(figure, old):>18} -> {shown(figure, new):>18}  {change}".rstrip())
    if before.get(DIGEST) and now.get(DIGEST):
        lines.append(f"{DIGEST:<16}" + ("the same" if before[DIGEST] == now[DIGEST] else f"{before[DIGEST]} -> {now[DIGEST]}"))
    return lines


def broken(limits: Sequence[Limit], before: Values, now: Values) -> list[str]:
    """What each limit that does not hold says."""
    return [said for one in limits if (said := _broken(one, before.get(one.name), now.get(one.name)))]


def _broken(one: Limit, old: Any, new: Any) -> str | None:
    if old is None or new is None:
        which = "the earlier session" if old is None else "this session"
        return f"{one.name}: not measured by {which}; a session measures it that builds and verifies everything (--aquadata-create)"
    if one.allowed is None:
        return None if old == new else f"{one.name}: {new} is not {old}"
    figure = next(figure for figure in FIGURES if figure.name == one.name)
    worse = old - new if figure.more_is_better else new - old
    allowed = abs(old) * one.allowed / 100 if one.percent else one.allowed
    if worse <= allowed:
        return None
    by = f"{worse / old:.0%}" if old else shown(figure, worse)
    may = f"{one.allowed:g} %" if one.percent else shown(figure, one.allowed)
    word = "less" if figure.more_is_better else "more"
    return f"{one.name}: {shown(figure, new)} is {by} {word} than {shown(figure, old)}, allowed are {may}"
