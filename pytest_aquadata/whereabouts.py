"""Where a scenario file lies, for pytest: among the arguments it collects from, and as the beginning of its items' ids."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_aquadata.scenario.load import SHIPPED


def name_the_file(config: pytest.Config, path: Path) -> None:
    """Have pytest collect a scenario file: alone, or beside what the command line names."""
    config.args[:] = [_where_it_lies(config, argument, path) for argument in config.args]
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = [str(path)]
    elif not any(_is_in(argument, path) for argument in config.args):
        config.args.append(str(path))


def _is_in(argument: str, path: Path) -> bool:
    """Whether a command-line argument names the scenario file or something in it."""
    return normal(Path(argument.split("::")[0])) == path


def normal(path: Path) -> Path:
    """The path as pytest has it: absolute, without '..', links as they are."""
    return Path(os.path.normpath(Path.cwd() / path))


def shown_id(config: pytest.Config, path: Path) -> str | None:
    """The id of a scenario file: one that came with the package, or lies elsewhere, is shown as if it lay in the project."""
    inside = config.rootpath in path.parents and path.parent != SHIPPED
    return None if inside else f"scenarios/{path.name}"


def _where_it_lies(config: pytest.Config, argument: str, path: Path) -> str:
    """An argument that is the shown id of something in a file that lies elsewhere, with the file's own path."""
    file, *rest = argument.split("::")
    shown = file == shown_id(config, path) and not (Path.cwd() / file).exists()
    return "::".join([str(path), *rest]) if shown else argument
