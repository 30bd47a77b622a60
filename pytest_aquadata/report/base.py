"""What a section of the report gets, and what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from pytest_aquadata.plan.numbering import Plan

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """What sections are made of.

    document: the session's document (docs/machines.md). plan_text: the plan as the terminal shows it.
    """

    conn: Connection
    plan: Plan
    document: Mapping[str, Any]
    plan_text: str

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.conn.execute(query.encode(), values or None).fetchall()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page. anchor: its id. html: below the title, trusted. open: else it is folded until it is asked for."""

    anchor: str
    title: str
    html: str
    open: bool = True


PLACES = """
    SELECT c.id AS container_id, g.name AS geography, COALESCE(h.name, a.name) AS place, c.area_id IS NOT NULL AS sea
    FROM infrastructure_container c
    LEFT JOIN infrastructure_hall h ON h.id = c.hall_id
    LEFT JOIN infrastructure_freshwaterstation s ON s.id = h.freshwater_station_id
    LEFT JOIN infrastructure_area a ON a.id = c.area_id
    JOIN infrastructure_geography g ON g.id = COALESCE(s.geography_id, a.geography_id)
"""
"""Each container with its geography and its hall or area."""


def unique(values: Sequence[Any]) -> list[Any]:
    """Values once each, in the order in which they come."""
    return list(dict.fromkeys(values))
