"""Growth analysis of a whole database, or of some of its batches: read, assimilate, and store in place of what was there.

Batches are taken in groups, so that memory stays bounded whatever their number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from pytest_aquadata.analysis.assimilation import ANCHORS, TEMPERATURES, WEIGHTS, States, assimilate
from pytest_aquadata.analysis.records import Records, batches_of, last_day, read_records
from pytest_aquadata.load.catalogue import read_layout
from pytest_aquadata.load.copybinary import copy_rows
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.clock import EVENING, moments
from pytest_aquadata.streams.columns import Rows

TABLE = "batch_actualdailyassignmentstate"
_GROUP = 24
"""Batches that are worked out together: some 200,000 states."""


def analyse(
    conn: psycopg.Connection[Any], names: Sequence[str] | None = None, until: int | None = None
) -> Iterator[tuple[list[tuple[int, str]], Records, States]]:
    """The states of some batches, or of all, group by group, with the (id, batch number) of the group's and what they come from.

    names: batch numbers; None for all. until: the first day of which nothing is known, days since 1970-01-01; None: the day after the
    latest event of the database.

    Raises:
        AquadataError: a batch is not there, or has no scenario.
    """
    batches = batches_of(conn, names)
    known = last_day(conn) if until is None else until
    for begin in range(0, len(batches), _GROUP):
        group = batches[begin : begin + _GROUP]
        records = read_records(conn, group, known)
        yield group, records, assimilate(records)


def recompute(conn: psycopg.Connection[Any], names: Sequence[str] | None = None, until: int | None = None) -> dict[str, int]:
    """Put recomputed states in place of those of the batches; returns the number of states by batch. One transaction, or none of it.

    Raises:
        AquadataError: as `analyse`.
    """
    stored: dict[str, int] = {}
    layout = read_layout(conn, TABLE)
    with conn.transaction():
        for group, records, states in analyse(conn, names, until):
            ids = ", ".join(str(number) for number, _ in group)
            conn.execute(f"DELETE FROM {TABLE} WHERE batch_id IN ({ids})".encode())
            row = conn.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {TABLE}").fetchone()
            copy_rows(conn, [_rows(records, states, int(row[0]) if row else 1)], layout)
            batch = records.assignments["batch"][states.at]
            stored |= {name: int((batch == number).sum()) for number, name in group}
        conn.execute(f"SELECT setval(pg_get_serial_sequence('{TABLE}', 'id'), max(id)) FROM {TABLE} HAVING max(id) IS NOT NULL")
    return stored


def _rows(records: Records, states: States, first: int) -> Rows:
    count = len(states.at)
    stays = {name: values[states.at] for name, values in records.assignments.items()}
    sources, confidences, index = _provenance(states)
    dry, unobserved = np.isnan(states.degrees), np.isnan(states.fcr)
    return Rows(
        TABLE,
        count,
        {
            "id": columns.ints(np.arange(first, first + count)),
            "date": columns.dates(states.day),
            "day_number": columns.ints(states.day - stays["started"] + 1),
            "avg_weight_g": columns.fixed(units(states.grams, 2), 2),
            "population": columns.ints(states.fish),
            "biomass_kg": columns.fixed(units(states.kg, 2), 2),
            "temp_c": columns.fixed(units(states.degrees, 2), 2, null=dry if dry.any() else None),
            "mortality_count": columns.ints(states.dead),
            "feed_kg": columns.fixed(units(states.feed_kg, 2), 2),
            "observed_fcr": columns.fixed(units(states.fcr, 3), 3, null=unobserved if unobserved.any() else None),
            "anchor_type": columns.texts(ANCHORS, np.maximum(states.anchor, 0), null=states.anchor < 0),
            "sources": columns.jsons(sources, index),
            "confidence_scores": columns.jsons(confidences, index),
            "last_computed_at": columns.stamps(moments(states.day, EVENING)),
            "assignment_id": columns.ints(stays["id"]),
            "batch_id": columns.ints(stays["batch"]),
            "container_id": columns.ints(stays["container"]),
            "lifecycle_stage_id": columns.ints(stays["stage"]),
        },
    )


def units(values: NDArray[np.float64], decimals: int) -> NDArray[np.int64]:
    """Whole units of the last decimal that is kept; 0 for not a number."""
    result: NDArray[np.int64] = np.rint(np.nan_to_num(values) * 10.0**decimals).astype(np.int64)
    return result


def _provenance(states: States) -> tuple[list[str], list[str], NDArray[np.int64]]:
    """Documents of sources and confidences, and which of them each state has."""
    kinds = np.stack(
        [
            states.weight,
            states.temperature,
            states.modelled.astype(np.int64),
            (states.feed_kg > 0).astype(np.int64),
            (~np.isnan(states.fcr)).astype(np.int64),
            units(states.sure_weight, 3),
            units(states.sure_temperature, 3),
        ]
    )
    different, index = np.unique(kinds, axis=1, return_inverse=True)
    sources, confidences = [], []
    for weight, temperature, modelled, fed, observed, sure_weight, sure_temperature in different.T.tolist():
        mortality, feed = ("model" if modelled else "actual"), ("actual" if fed else "none")
        named = {"weight": WEIGHTS[weight], "temp": TEMPERATURES[temperature], "mortality": mortality, "feed": feed}
        sources.append(_document({**named, **({"fcr": "observed"} if observed else {})}))
        sure = {"weight": sure_weight / 1000, "temp": sure_temperature / 1000, "mortality": 0.4 if modelled else 1.0, "feed": 1.0}
        confidences.append(_document(sure))
    return sources, confidences, index.reshape(-1)


def _document(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))
