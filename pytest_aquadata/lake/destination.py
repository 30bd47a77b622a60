"""A data set as the place that rows go to, for builders in any process and on any machine."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from pytest_aquadata.farm import setup
from pytest_aquadata.lake import entries
from pytest_aquadata.lake.run import LakeRun
from pytest_aquadata.lake.store import Store
from pytest_aquadata.lake.target import PREFIX
from pytest_aquadata.load.ledger import RunState
from pytest_aquadata.plan.numbering import Plan


@dataclass(frozen=True, slots=True)
class DataSetDestination:
    """A data set that a session has prepared for a run. url: with `PREFIX`. fingerprint: what it knows the run by."""

    url: str
    fingerprint: str

    def ready(self) -> None:
        """Load what makes rows and writes files."""
        setup.configure("")
        importlib.import_module("pytest_aquadata.lake.write")

    def open(self, plan: Plan, builder: str) -> LakeRun:
        """Take part in the run."""
        return LakeRun(self.url, plan, self.fingerprint, (), builder=builder)

    def unseen(self) -> str:
        """Why this process cannot write there what the session reads; empty where it can."""
        store = Store(self.url.removeprefix(PREFIX))
        if entries.run_state(store, self.fingerprint) is RunState.ABSENT:
            return f"{store.url} is another place there: it holds nothing of this run"
        return ""
