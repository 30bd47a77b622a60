"""From plan numbers to the ids of a particular database.

In an empty reference schema a number is the id. Where rows exist already, new rows of a table begin behind them (one offset a table), and
rows of the world and master data are found by their natural key.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]


class Ids:
    """Translates plan numbers, table by table.

    changed: for tables of the world and master data that had rows before, the ids of that data by number.
    offsets: what is added to all other numbers of a table that is filled behind other rows.
    """

    def __init__(self, offsets: Mapping[str, int] | None = None, changed: Mapping[str, Mapping[int, int]] | None = None) -> None:
        self.offsets = dict(offsets or {})
        self.changed: dict[str, dict[int, int]] = {}
        self._maps: dict[str, Int] = {}
        for table, ids in (changed or {}).items():
            self.change(table, ids)

    def change(self, table: str, ids: Mapping[int, int]) -> None:
        """Note ids, by number."""
        if ids:
            known = self.changed.setdefault(table, {})
            known.update({int(number): int(id_) for number, id_ in ids.items()})
            self._maps[table] = np.arange(max(known) + 1, dtype=np.int64)
            self._maps[table][list(known)] = list(known.values())

    def __call__(self, table: str, numbers: Int) -> Int:
        """Ids of the rows of `table` with these plan numbers, same shape."""
        ids = numbers + self.offsets.get(table, 0)
        known = self._maps.get(table)
        if known is None:
            return ids
        return np.where(numbers < len(known), known[np.minimum(numbers, len(known) - 1)], ids)
