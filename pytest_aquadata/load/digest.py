"""Digests of what was built: equal rows, equal digest, on any machine and with any number of workers.

They are taken over the plan's numbers before these become ids, chunk by chunk in the order of the plan, so that a database that had rows
before gives the same digest as an empty one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping

import numpy as np

from pytest_aquadata.streams.columns import Column, Rows


class TableDigest:
    """The digest of the rows of one table, in the order in which they come."""

    def __init__(self, left_out: Collection[str] = ()) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self._left_out = frozenset(left_out)
        self.rows = 0

    def add(self, rows: Rows) -> None:
        """Take in some rows, without the columns that are left out."""
        self.rows += rows.count
        self._hash.update(f"{rows.table} {rows.count}".encode())
        for name in sorted(rows.columns):
            if name not in self._left_out:
                self._add_column(name, rows.columns[name])

    def _add_column(self, name: str, column: Column) -> None:
        words = "\x1f".join(column.words)
        self._hash.update(f"\x1e{name} {column.kind} {column.scale} {column.values.ndim} {words}\x1e".encode())
        values = column.values.astype(column.values.dtype.newbyteorder("<"), copy=False)
        self._hash.update(np.ascontiguousarray(values).data)
        if column.null is not None:
            self._hash.update(np.packbits(column.null).data)

    def hexdigest(self) -> str:
        """32 hexadecimal digits."""
        return self._hash.hexdigest()


def combine(farm: Mapping[str, str], batches: Iterable[tuple[int, Mapping[str, str]]]) -> str:
    """The digest of a scenario from those of its farm tables and of its batches' tables."""
    total = hashlib.blake2b(digest_size=16)
    for table in sorted(farm):
        total.update(f"farm {table} {farm[table]}\n".encode())
    for number, digests in sorted(batches, key=lambda entry: entry[0]):
        for table in sorted(digests):
            total.update(f"{number} {table} {digests[table]}\n".encode())
    return total.hexdigest()
