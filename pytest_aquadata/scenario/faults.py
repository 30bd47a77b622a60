"""A mistake in a scenario before it has a place in a file: the path of its key, what is wrong, what would be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake at a key: path from the top, message, hint; `key` points at the key itself instead of its value.

    against: the other key of two that exclude each other; whichever was written last is the one to report.
    """

    path: Path
    message: str
    hint: str = ""
    key: bool = False
    against: Path | None = None


class Faults(ValueError):
    """Several mistakes at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)
