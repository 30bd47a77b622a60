"""Bounds: the standard ones, from ``data/criteria.yaml`` and nowhere else, and those of a scenario, which go before them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import sqrt
from types import MappingProxyType

import yaml

from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.base import State


@cache
def defaults(criterion: str) -> Mapping[str, float]:
    """The standard figures of a criterion; empty for one that has none."""
    text = (resources.files("pytest_aquadata") / "data" / "criteria.yaml").read_text(encoding="utf-8")
    return MappingProxyType(yaml.safe_load(text).get(criterion, {}))


def chance(eggs: int, share: float) -> float:
    """How far the share of `eggs` fish that live may lie from its expectation by chance alone: deaths are drawn one by one."""
    return defaults("chance")["deviations"] * sqrt(max(share * (1.0 - share), 0.0) / max(eggs, 1))


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which a value passes, and between which it does so without a warning; None is no bound."""

    low: float | None = None
    high: float | None = None
    warn_low: float | None = None
    warn_high: float | None = None

    @classmethod
    def of(cls, spec: CriterionSpec, low: float | None = None, high: float | None = None) -> Bounds:
        """The scenario's bounds, else the given standard ones."""
        return cls(low if spec.min is None else spec.min, high if spec.max is None else spec.max, spec.warn_min, spec.warn_max)

    def state(self, value: float) -> State:
        """How a value fares."""
        if not _within(value, self.low, self.high):
            return "fail"
        return "pass" if _within(value, self.warn_low, self.warn_high) else "warn"

    def show(self, style: str = "g") -> str:
        """The bounds as text, numbers in the given format: '0.83 to 0.87'."""
        if self.low is None and self.high is None:
            return "any value"
        if self.high is None:
            return f"at least {self.low:{style}}"
        return f"at most {self.high:{style}}" if self.low is None else f"{self.low:{style}} to {self.high:{style}}"


def worst(states: list[State]) -> State:
    """The worst of several verdicts; pass for none."""
    return "fail" if "fail" in states else "warn" if "warn" in states else "pass"


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)
