"""`--aquadata-drop-templates`: what was kept for an application's tests goes, and nothing else on the server."""

from __future__ import annotations

from pathlib import Path

import pytest
from projects import Project

from pytest_aquadata.load import databases, embedded
from pytest_aquadata.load.run import connect


def test_all_of_ours_and_nothing_else(project: Project, home: Path) -> None:
    server = embedded.start(home)
    try:
        with connect(server.url(), "tests") as conn:
            for name, note in (("aquadata_template_1", {"kind": "template", "project": "p", "scenario": "s"}), ("theirs", None)):
                conn.execute(f"CREATE DATABASE {name}")
                if note:
                    databases.describe(conn, name, note)
            conn.execute("ALTER DATABASE aquadata_template_1 WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
            result = project.run("--aquadata-drop-templates", url=server.url(), scenario=None)
            assert result.ret == 0
            assert result.outlines[-2:] == ["dropped:", "    aquadata_template_1"]
            assert databases.exists(conn, "theirs")
            assert not databases.exists(conn, "aquadata_template_1")
        again = project.run("--aquadata-drop-templates", url=server.url(), scenario=None)
        assert again.outlines[-1:] == ["there was none to drop"]
    finally:
        server.release()


def test_without_a_server_it_says_what_to_name(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    result = project.run("--aquadata-drop-templates", scenario=None)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["there are no settings of an application here"])
