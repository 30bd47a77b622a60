"""What the build of one batch did. Apart from what builds, so that a process which only hears of it needs no Django."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: rows and digests by table, seconds taken; `fresh` is False when the batch was there already.

    table_seconds: by table, the time to make and copy its rows; together a little less than `seconds`.
    """

    rows: dict[str, int]
    digests: dict[str, str]
    seconds: float
    fresh: bool = True
    table_seconds: dict[str, float] = field(default_factory=dict)
