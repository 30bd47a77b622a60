"""Criteria of other packages, held to the contract of one: what they raise is a verdict that names the package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import psycopg

from pytest_aquadata import extensions
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.verify.base import Connection, Criterion, Verdict
from pytest_aquadata.verify.clauses import StatementError


class ThirdParty:
    """A criterion of another package."""

    def __init__(self, extension: extensions.Extension, criterion: Criterion) -> None:
        self.extension, self.criterion = extension, criterion
        self.name, self.farm_wide = extension.name, bool(criterion.farm_wide)

    def check(self, conn: Connection, plan: Plan, spec: CriterionSpec, built: Sequence[Batch]) -> Verdict:
        """Its verdict.

        Raises:
            AquadataError: it raised something, or returned none.
        """
        try:
            verdict = self.criterion.check(conn, plan, spec, built)
        except (AquadataError, StatementError, psycopg.Error):
            raise
        except Exception as error:  # whatever another's code raises
            raise AquadataError(f"{self.extension.label} raised {type(error).__name__}: {error}") from error
        if not isinstance(verdict, Verdict):
            raise AquadataError(f"{self.extension.label} returned {type(verdict).__name__}, not a Verdict")
        return verdict


@cache
def third_party(name: str) -> ThirdParty:
    """The criterion of another package by its name.

    Raises:
        KeyError: there is none. AquadataError: it cannot be loaded.
    """
    extension = extensions.extensions(extensions.CRITERIA)[name]
    return ThirdParty(extension, extension.load("name", "farm_wide", "check"))
