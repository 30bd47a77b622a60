"""A database as the place that rows go to, for builders in any process and on any machine."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field

from pytest_aquadata.farm import setup
from pytest_aquadata.load.run import Run
from pytest_aquadata.plan.numbering import Plan


@dataclass(frozen=True, slots=True)
class DatabaseDestination:
    """A database that a session has prepared for a run.

    url: its address; may hold a password, and is therefore not shown. fingerprint: what the ledger knows the run by.
    """

    url: str = field(repr=False)
    fingerprint: str

    def ready(self) -> None:
        """Load what makes rows; asks the database nothing."""
        setup.configure(self.url)
        importlib.import_module("pytest_aquadata.load.build")

    def open(self, plan: Plan, builder: str) -> Run:
        """Take part in the run; connects when the first batch is built, and prepares nothing."""
        return Run(self.url, plan, self.fingerprint, (), alone=False, joins=True, builder=builder)
