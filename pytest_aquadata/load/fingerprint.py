"""What a run is recognised by: a changed scenario, plan or plugin has another fingerprint and is never mistaken for the old one."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from pytest_aquadata import __version__
from pytest_aquadata.scenario.models import Scenario

UNBUILT = ("criteria", "description")
"""What a scenario says that makes no rows."""


def _files(folder: Traversable) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            found += [(f"{entry.name}/{name}", text) for name, text in _files(entry)]
        elif entry.name.endswith((".py", ".yaml")):
            found.append((entry.name, entry.read_bytes()))
    return found


@cache
def package_digest() -> str:
    """Digest of the package's own files: what a version number promises, also while it is being changed."""
    digest = hashlib.blake2b(__version__.encode(), digest_size=16)
    for name, text in _files(resources.files("pytest_aquadata")):
        digest.update(name.encode() + b"\0" + text + b"\0")
    return digest.hexdigest()


def fingerprint_of(scenario: Scenario) -> str:
    """What identifies the rows of a scenario: its resolved text, seed and as_of included, and the version of this package.

    Criteria and description make no rows: with other ones a finished build is verified again, not built again.
    """
    values = {key: value for key, value in json.loads(scenario.resolved()).items() if key not in UNBUILT}
    return hashlib.blake2b(f"{package_digest()}\n{json.dumps(values)}".encode(), digest_size=16).hexdigest()
