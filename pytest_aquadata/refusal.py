"""What a session leaves for machines that was refused before its first item: why, and the exit code that it ends with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_aquadata import machine
from pytest_aquadata.files import write_whole
from pytest_aquadata.options import Options

FORMAT = 1
"""Version of a session's document, of this one as of that of a session that ran; a change that breaks a reader raises it."""


def refusal(options: Options, message: str, code: int, root: Path) -> dict[str, Any]:
    """The document of a session that was refused; its keys mean what they mean in the document of one that ran.

    message: all that is said on the terminal. code: the exit code. root: the project's folder, whose commit is named.
    """
    return {
        "format": FORMAT,
        "verdict": "refused" if code == pytest.ExitCode.USAGE_ERROR else "environment",
        "exit_code": code,
        "message": message,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "scenario": {"name": options.scenario, "overrides": list(options.overrides)},
        "commit": machine.commit(root),
        "machine": machine.machine(),
        "versions": machine.versions(None),
    }


def summary(said: Mapping[str, Any]) -> str:
    """The same in Markdown, for the page of a CI job."""
    fence = "`" * 3
    while fence in said["message"]:
        fence += "`"
    title = f"## aquadata: {said['scenario']['name']}: {said['verdict']}"
    return "\n".join([title, "", fence, said["message"], fence, "", f"Exit code {said['exit_code']}.", ""])


def leave(options: Options, message: str, code: int, root: Path) -> list[str]:
    """Write what the session was asked for, ``--aquadata-json`` and the summary; returns what could not be written, a line each."""
    wrong: list[str] = []

    def attempt(name: str, write: Callable[[], object]) -> None:
        try:
            write()
        except OSError as error:
            wrong.append(f"--aquadata-{name} could not be written: {error.strerror}")

    if options.json or options.summary:
        said = refusal(options, message, code, root)
        if file := options.json:
            text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
            attempt("json", lambda: write_whole(Path(file).absolute(), text))
        if page := options.summary:
            attempt("summary", lambda: _append(Path(page), summary(said)))
    return wrong


def _append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(text)
