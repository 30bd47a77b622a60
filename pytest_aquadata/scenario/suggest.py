"""'Did you mean': the closest of the names that would have been right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest(word: str, known: Iterable[str], what: str = "there are") -> str:
    """A hint for a word that is not known: the closest known one, else all of them; '' when there are none."""
    names = list(known)
    folded = {name.lower(): name for name in names}
    near = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{folded[near[0]]}'?"
    return f"{what}: {', '.join(names)}" if names else ""
