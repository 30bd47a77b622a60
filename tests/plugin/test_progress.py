"""What a session shows of a build while it runs and when it is over: on a terminal, in a log, with and without workers."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import psycopg
import pytest
from projects import Project
from run_farm import ITEMS, NAMES, Databases, digest_in
from xdist import newhooks

from pytest_aquadata import progress
from pytest_aquadata.display import Display, is_live

# the small farm is built faster than a line is due
IMPATIENT = "from pytest_aquadata import progress\nprogress.LEAST_SECONDS = 0\n"
LINE = re.compile(r"(\d) of 3 batches, ([\d,]+) of ([\d,]+) rows, [\d,]+ rows/s(?:, [\d.]+ s left)?$", re.MULTILINE)
UP_AND_CLEAR = "\x1b[1A\x1b[2K"


def _on_a_terminal(project: Project, url: str, *arguments: str, columns: int = 100, **environment: str) -> str:
    """What pytest writes to a terminal."""
    termios, fcntl = pytest.importorskip("termios"), pytest.importorskip("fcntl")
    import pty
    import struct

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    words = [sys.executable, "-m", "pytest", "--color=no", "--aquadata=farm", f"--aquadata-database={url}", *arguments]
    known = {name: value for name, value in os.environ.items() if name not in ("CI", "COLUMNS", "PY_COLORS", "FORCE_COLOR")}
    run = subprocess.Popen(words, cwd=project.path, stdin=theirs, stdout=theirs, stderr=theirs, env=known | {"TERM": "xterm"} | environment)
    os.close(theirs)
    blocks = []
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        while True:
            try:
                block = terminal.read(4096)
            except OSError:  # Linux says so when the other side is closed
                break
            if not block:
                break
            blocks.append(block)
    assert run.wait(timeout=180) == 0, b"".join(blocks).decode()
    return b"".join(blocks).decode().replace("\r\n", "\n")


def _seen(text: str) -> list[str]:
    """The lines as they stand on the terminal in the end."""
    lines: list[str] = []
    for line in text.split("\n"):
        while line.startswith(UP_AND_CLEAR):
            lines.pop()
            line = line.removeprefix(UP_AND_CLEAR)
        lines.append(line.rpartition("\r")[2])
    return lines


def _rows(databases: Databases) -> int:
    return int(databases.plan.counts.sum())


@pytest.mark.parametrize("workers", [0, 2])
def test_a_terminal_has_one_line_that_is_kept_up_to_date(project: Project, databases: Databases, prepared_url: str, workers: int) -> None:
    text = _on_a_terminal(project, prepared_url, "-n", str(workers), "-p", "no:randomly")
    last = f"3 of 3 batches, {_rows(databases):,} of {_rows(databases):,} rows"
    seen = _seen(text)
    # pytest's own dots stand around it, without those of the batches, and count them
    at = next(n for n, line in enumerate(seen) if line.startswith(last))
    assert [line for line in seen if "rows/s" in line and "times" not in line] == [seen[at]]
    assert re.search(r"[^.]\.$|^\.$", seen[at - 1])
    assert re.fullmatch(r"\.{5} +\[100%\]", seen[at + 1])
    assert f"{len(ITEMS)} passed" in text
    assert digest_in(text) == databases.digest


def test_a_narrow_terminal(project: Project, prepared_url: str) -> None:
    """A line that wraps could not be replaced."""
    text = _on_a_terminal(project, prepared_url, columns=30)
    lines = [line for line in text.replace(UP_AND_CLEAR, "").split("\n") if re.match(r"\d of 3 batches, [\d,]+ of", line)]
    assert lines
    assert max(map(len, lines)) == 29


@pytest.mark.parametrize("argument", ["-s", "-qq"])
def test_a_terminal_without_a_live_line(project: Project, prepared_url: str, argument: str) -> None:
    project.write("conftest.py", IMPATIENT)
    text = _on_a_terminal(project, prepared_url, argument)
    assert "\x1b" not in text
    assert bool(LINE.search(text)) == (argument == "-s")


def test_where_a_line_is_live() -> None:
    good = {"verbose": 0, "environ": {"TERM": "xterm"}, "terminal": True, "capture": "fd", "style": "progress"}
    assert is_live(**good)
    assert is_live(**good | {"verbose": -1})
    for change in (
        {"verbose": 1},
        {"verbose": -2},
        {"environ": {"TERM": "dumb"}},
        {"environ": {"TERM": "xterm", "CI": "true"}},
        {"terminal": False},
        {"capture": "no"},
        {"style": "classic"},
    ):
        assert not is_live(**good | change), change


@pytest.mark.parametrize("arguments", [(), ("-n", "2"), ("-v", "-n", "2")], ids=" ".join)
def test_a_log_has_lines(project: Project, databases: Databases, prepared_url: str, arguments: tuple[str, ...]) -> None:
    project.write("conftest.py", IMPATIENT)
    result = project.run(*arguments, url=prepared_url)
    result.assert_outcomes(passed=len(ITEMS))
    text = result.stdout.str()
    said = [(int(n), int(there.replace(",", "")), int(all_.replace(",", ""))) for n, there, all_ in LINE.findall(text)]
    # of the last batch the summary speaks
    assert [n for n, _, _ in said] == [1, 2]
    assert {all_ for _, _, all_ in said} == {_rows(databases)}
    assert 0 < said[0][1] < said[1][1] < _rows(databases)
    assert "\x1b" not in text
    assert "\r" not in text
    assert text.count("PASSED") == (len(ITEMS) if "-v" in arguments else 0)
    assert "[100%]" in text


def test_reports_that_arrive_in_another_order_than_items_stopped(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy controller may hear of the first batch last. Time goes on all the same, and the line is not left out."""
    monkeypatch.setattr(progress, "LEAST_SECONDS", 0)
    lines: list[str] = []
    terminal = SimpleNamespace(isatty=False, write=lambda text, **_: lines.append(text.strip()))
    config = SimpleNamespace(
        getoption={"verbose": 0, "capture": "fd"}.get,
        getini={"console_output_style": "progress"}.get,
        pluginmanager=SimpleNamespace(getplugin={"terminalreporter": terminal}.get),
    )
    display = Display(config, SimpleNamespace(plan=databases.plan, hands=SimpleNamespace(builders=2)), before=list)
    ids = [f"farm.yaml::build[{name}]" for name in NAMES]
    display.pytest_xdist_node_collection_finished(ids)
    for nodeid, stop in zip(ids, (3.0, 2.0), strict=False):
        said = [("aquadata_built", "now"), ("aquadata_rows", 1), ("aquadata_seconds", 1.0)]
        report = pytest.TestReport(nodeid, (nodeid, 0, ""), {}, "passed", None, "call", duration=1.0, user_properties=said)
        report.start, report.stop = 1.0, stop
        display.pytest_runtest_logreport(report)
    assert [line.partition(" batches")[0] for line in lines] == ["1 of 3", "2 of 3"]


def test_a_short_build_and_a_quiet_one_say_nothing_before_the_end(project: Project, databases: Databases, prepared_url: str) -> None:
    assert not LINE.search(project.run("-k", f"prepare or {NAMES[0]}", url=prepared_url).stdout.str())
    project.write("conftest.py", IMPATIENT)
    text = project.run("-q", url=prepared_url).stdout.str()
    assert not LINE.search(text)
    summary = text.partition("aquadata: farm")[2]
    assert [line.split()[0] for line in summary.splitlines()[1:-1]] == ["digest", "connect"]


def test_a_resumed_build_counts_what_is_there(project: Project, databases: Databases, prepared_url: str) -> None:
    project.write("conftest.py", IMPATIENT)
    project.run("-k", NAMES[0], url=prepared_url).assert_outcomes(passed=1, deselected=len(ITEMS) - 1)
    text = project.run(url=prepared_url).stdout.str()
    there = int(databases.plan.counts[0].sum())
    # before the first batch of its own there is no speed to speak of
    assert re.search(rf"^1 of 3 batches, {there:,} of {_rows(databases):,} rows$", text, re.MULTILINE)
    assert [n for n, _, _ in LINE.findall(text)] == ["2"]


def test_a_session_that_builds_nothing_has_no_speed(project: Project, finished_url: str) -> None:
    with psycopg.connect(finished_url) as conn:
        before = conn.execute("SELECT phases FROM aquadata.run").fetchone()
    text = project.run("-v", url=finished_url).stdout.str()
    assert "rows/s" not in text
    assert re.search(r"^times     prepare [\d.]+ s, build [\d.]+ s, finish [\d.]+ s, verify [\d.]+ s$", text, re.MULTILINE)
    with psycopg.connect(finished_url) as conn:
        assert conn.execute("SELECT phases FROM aquadata.run").fetchone() == before


def test_the_summary_and_the_ledger_tell_times_rows_and_builders(project: Project, databases: Databases, prepared_url: str) -> None:
    first = project.run("-v", "-k", f"prepare or {NAMES[0]}", url=prepared_url).stdout.str()
    rest = project.run("-n", "2", "-v", url=prepared_url).stdout.str()
    plan = databases.plan
    for text, batches in ((first, [0]), (rest, [0, 1, 2])):
        by_table = {table: int(plan.counts[batches, n].sum()) for n, table in enumerate(plan.tables)}
        summary = text.partition("aquadata: farm")[2]
        shown = {table: int(rows.replace(",", "")) for rows, table in re.findall(r"^ +([\d,]+)  (\w+)$", summary, re.MULTILINE)}
        assert shown == {table: rows for table, rows in by_table.items() if rows}
        assert f"{len(batches)} of 3 batches, {sum(by_table.values()):,} rows, " in summary
        times = re.search(r"^times     (.*)$", summary, re.MULTILINE)[1]
        spent = dict(re.findall(r"(\w+) ([\d.]+) s", times))
        # the first session has no item that puts the database in order, and does so all the same
        assert list(spent) == ["prepare", "build", "finish"] + ["verify"] * (len(batches) == 3)
        assert float(spent["build"]) > 0
        assert " rows/s)" in times
    with psycopg.connect(prepared_url) as conn:
        phases = conn.execute("SELECT phases FROM aquadata.run").fetchone()[0]
        builders = [builder for (builder,) in conn.execute("SELECT builder FROM aquadata.batch ORDER BY number")]
    sessions = [dict(re.findall(r"(\w+) ([\d.]+) s", re.search(r"^times.*$", text, re.MULTILINE)[0])) for text in (first, rest)]
    for phase in ("prepare", "build", "finish", "verify"):
        assert phases[phase] == pytest.approx(sum(float(session.get(phase, 0)) for session in sessions), abs=0.11)
    assert builders[0] == "main"
    assert set(builders[1:]) <= {"gw0", "gw1"}


def test_what_is_relied_on_in_pytest_and_xdist(pytester: pytest.Pytester) -> None:
    # the plugin of this name, and what of it is used
    terminal = pytester.parseconfigure().pluginmanager.getplugin("terminalreporter")
    for name in ("write", "write_line", "isatty"):
        assert hasattr(terminal, name), name
    assert "ids" in inspect.signature(newhooks.pytest_xdist_node_collection_finished).parameters
    assert "error" in inspect.signature(newhooks.pytest_testnodedown).parameters
    # a status with a word and no letter is counted and writes nothing; the batches of a live line have it
    pytester.makeconftest("def pytest_report_teststatus(report):\n    return ('passed', '', 'PASSED') if report.when == 'call' else None\n")
    pytester.makepyfile("def test_it():\n    pass\n")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    result.stdout.re_match_lines([r"test_what_is_relied_on_\S+\.py +\[100%\]"])
