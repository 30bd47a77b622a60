"""The exit code of a session that the machine or the server did not allow to do its work, so that CI can tell it from a failed criterion.

0 all holds, 1 a criterion or a test failed, 2 interrupted, 4 the scenario or an option is wrong, 5 nothing was selected: pytest's own.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import Any

import pytest

from pytest_aquadata import options
from pytest_aquadata.errors import EnvironmentFault

EXIT_ENVIRONMENT = 6
"""One more than the last of pytest's own."""


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, Any, None]:
    """Leave word of a session that was refused before its first item, in the files that it was asked for.

    Where an `EnvironmentFault` was the cause, print it as pytest prints a usage error, and end with the code.
    """
    outcome: Any = yield
    refused = outcome.excinfo[1] if outcome.excinfo is not None else None
    if not isinstance(refused, pytest.UsageError):
        return
    code = EXIT_ENVIRONMENT if isinstance(refused.__cause__, EnvironmentFault) else int(pytest.ExitCode.USAGE_ERROR)
    # an xdist worker has its controller's options, and is not the one to write
    if not hasattr(config, "workerinput") and (chosen := options.resolve(config)):
        from pytest_aquadata.refusal import leave

        for line in leave(chosen, str(refused), code, config.rootpath):
            print(f"ERROR: {line}", file=sys.stderr)
    if code == EXIT_ENVIRONMENT:
        print(f"ERROR: {refused}\n", file=sys.stderr)
        outcome.force_result(code)
