"""What a run that died left in a database, put in order without building anything."""

from __future__ import annotations

from pytest_aquadata.load import deferred
from pytest_aquadata.load.settle import Settling, jobs
from pytest_aquadata.load.target import Target


def repair(target: Target) -> list[str]:
    """Bring back the indexes and keys that are set aside, then sequences and statistics of their tables. Returns what came back.

    Raises:
        AquadataError: some could not come back; the message names each, and all others are back.
    """
    settle = Settling()
    back = deferred.restore(target.claim, jobs(), settle=settle, tables=deferred.bared(target.claim))
    settle.warn()
    return back
