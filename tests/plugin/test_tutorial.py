"""The tutorial is followed, command by command, in a new folder on an embedded server of its own."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from projects import Project

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
COMMANDS = re.findall(r"^```sh\n(.*?)\n```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_tutorial(project: Project, home: Path) -> None:
    assert len(COMMANDS) >= 6
    for command in COMMANDS:
        words, _, comment = command.partition("   # exit code ")
        program, *arguments = shlex.split(words)
        assert program == "pytest"
        result = project.pytester.runpytest_subprocess(*arguments, timeout=300)
        text = result.stdout.str() + result.stderr.str()
        assert result.ret == int(comment or 0), text
        assert "Traceback" not in text
    assert (project.path / "first.html").exists()
    assert (project.path / "scenarios" / "first.yaml").exists()
