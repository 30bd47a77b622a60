"""The pytest plugin: options, markers and fixtures.

Everything else is imported only when ``--aquadata`` is given or a test asks for a farm, so it costs nothing otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pytest_aquadata import driver, exitcodes, fixtures, hookspecs, options

_MARKERS = {
    "aquadata_prepare": "an item that prepares a farm's database",
    "aquadata_build": "an item that builds a batch",
    "aquadata_finish": "an item that puts indexes and keys in order",
    "aquadata_verify": "an item that holds the database against a criterion",
}

_COMMANDS = tuple(f"--aquadata-{name}" for name in ("init", "explain", "validate", "doctor", "repair", "wipe", "drop-templates"))
"""What needs no items, each a function of `commands`."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks."""
    pluginmanager.add_hookspecs(hookspecs)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the options; and the exit code of our own, whose hook has to be there before the session begins."""
    options.add(parser)
    parser.addini("aquadata_test_database", "a database that counts as a test database whatever its name", default="")
    parser.addini(driver.INI, "psycopg2 or psycopg: what Django talks to PostgreSQL with; empty for its own choice", default="")
    pluginmanager.register(exitcodes, "aquadata-exitcodes")


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Before pytest-django sets Django up, which imports its backend: see that it is the one with the application's driver."""
    driver.use(early_config.getini(driver.INI))
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Do what needs no items, and stop: ``--aquadata-validate``, ``--aquadata-wipe`` and the like."""
    asked = [option for option in _COMMANDS if config.getoption(option)]
    if not asked:
        return None
    if len(asked) > 1:
        raise pytest.UsageError(f"{' and '.join(asked)} do not go together: give one of them")
    if asked == ["--aquadata-init"]:
        from pytest_aquadata import commands

        return commands.init(config, config.getoption("--aquadata-init"))
    if asked == ["--aquadata-drop-templates"]:
        from pytest_aquadata import commands

        return commands.drop_templates(config)
    chosen = options.resolve(config)
    if chosen is None:
        raise pytest.UsageError(f"{asked[0]} needs a scenario: --aquadata=NAME")
    from pytest_aquadata import commands

    run: Callable[[pytest.Config, options.Options], int] = getattr(commands, asked[0].removeprefix("--aquadata-"))
    return run(config, chosen)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers; with ``--aquadata``, start the farm's session."""
    for name, meaning in _MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning} (set by pytest-aquadata)")
    config.addinivalue_line("markers", "aquadata(scenario): give the test a built farm (pytest-aquadata)")
    config.pluginmanager.register(fixtures, "aquadata-fixtures")
    if chosen := options.resolve(config):
        from pytest_aquadata.session import start_session

        start_session(config, chosen)
