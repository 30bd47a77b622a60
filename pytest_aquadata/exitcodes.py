"""The exit code of a session that the machine or the server did not allow to do its work, so that CI can tell it from a failed criterion.

0 all holds, 1 a criterion or a test failed, 2 interrupted, 4 the scenario or an option is wrong, 5 nothing was selected: pytest's own.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import Any

import pytest

from pytest_aquadata.errors import EnvironmentFault

EXIT_ENVIRONMENT = 6
"""One more than the last of pytest's own."""


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_cmdline_main() -> Generator[None, Any, None]:
    """Where a session was refused because of an `EnvironmentFault`, print that as pytest prints a usage error, and end with the code."""
    outcome: Any = yield
    refused = outcome.excinfo[1] if outcome.excinfo is not None else None
    if isinstance(refused, pytest.UsageError) and isinstance(refused.__cause__, EnvironmentFault):
        print(f"ERROR: {refused}\n", file=sys.stderr)
        outcome.force_result(EXIT_ENVIRONMENT)
