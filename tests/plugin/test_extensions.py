"""A stream and a criterion of another package, installed beside this one; and what is said of those that do not work."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import psycopg
import pytest
from projects import Project
from run_farm import TEXT, digest_in

PACKAGE = Path(__file__).parents[1] / "extension"
ALARMS = "\nstreams: {oxygen_alarms: true}\n"
CRITERION = "  orphans:\n  alarm_saturations:\n"
POINTS = """\
[pytest_aquadata.streams]
oxygen_alarms = acme_alarms.stream:OxygenAlarms
[pytest_aquadata.criteria]
alarm_saturations = acme_alarms.criterion:Saturations
"""


class Site:
    """A folder on the path of every process of a project, with the package installed in it as pip leaves it."""

    def __init__(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        self.project, self.path = project, project.path / "site"
        shutil.copytree(PACKAGE, self.path)
        self.install()
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(self.path), *filter(None, [os.environ.get("PYTHONPATH")])]))
        project.write("scenarios/farm.yaml", TEXT + CRITERION + ALARMS)

    def install(self, name: str = "acme-alarms", version: str = "1.2", requires: str = "", points: str = POINTS) -> None:
        for folder in self.path.glob(f"{name.replace('-', '_')}-*.dist-info"):
            shutil.rmtree(folder)
        info = self.path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        needed = f"Requires-Dist: {requires}\n" if requires else ""
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}")
        (info / "entry_points.txt").write_text(points)

    def said(self, *arguments: str) -> list[str]:
        """What a session that is refused says."""
        result = self.project.run("--aquadata-validate", *arguments)
        text = result.stdout.str() + result.stderr.str()
        assert result.ret == pytest.ExitCode.USAGE_ERROR, text
        assert "Traceback" not in text
        return [line for line in result.errlines if line.strip()]


@pytest.fixture
def site(project: Project, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(project, monkeypatch)


def test_a_stream_and_a_criterion(site: Site, database_url: str) -> None:
    project = site.project
    alone = project.run(url=database_url)
    alone.assert_outcomes(passed=11)
    with psycopg.connect(database_url) as conn:
        rows = conn.execute("SELECT count(*), count(DISTINCT id), max(id), count(DISTINCT batch_id) FROM alarms_oxygenalarm").fetchone()
        assert rows[0] == rows[1] == rows[2] > 0
        assert rows[3] == 3
        # the database is as exact about this table as about ours
        conn.execute("DELETE FROM alarms_oxygenalarm WHERE id = 1")
        conn.execute("UPDATE alarms_oxygenalarm SET saturation_percent = 80 WHERE id = 2")
        conn.execute("UPDATE alarms_oxygenalarm SET assignment_id = (SELECT max(id) FROM batch_batchcontainerassignment) WHERE id = 3")
    wrong = project.run("-m", "aquadata_verify", url=database_url)
    wrong.assert_outcomes(failed=3, passed=3, deselected=5)
    wrong.stdout.fnmatch_lines(["*alarms_oxygenalarm*", "*assignment_id of another batch*", "*1 others*"])
    gone = project.run("--aquadata-wipe", url=database_url)
    gone.stdout.fnmatch_lines(["*alarms_oxygenalarm*"])
    with psycopg.connect(database_url) as conn:
        assert conn.execute("SELECT count(*) FROM alarms_oxygenalarm").fetchone() == (0,)
    # two workers give the same
    anew = project.run("-n", "2", url=database_url)
    anew.assert_outcomes(passed=11)
    assert digest_in(anew.stdout.str()) == digest_in(alone.stdout.str())
    with psycopg.connect(database_url) as conn:
        again = "SELECT count(*), count(DISTINCT id), max(id), count(DISTINCT batch_id) FROM alarms_oxygenalarm"
        assert conn.execute(again).fetchone() == rows


def _fingerprint(project: Project) -> str:
    project.write(
        "show.py",
        "import sys, datetime, pathlib\n"
        "from pytest_aquadata.load.fingerprint import fingerprint_of\n"
        "from pytest_aquadata.scenario.load import load_scenario\n"
        "print(fingerprint_of(load_scenario(pathlib.Path('scenarios/farm.yaml'), today=datetime.date(2025, 6, 1))))\n",
    )
    return project.pytester.runpython(project.path / "show.py").outlines[0]


def test_its_version_is_part_of_what_decides_rows(site: Site) -> None:
    first = _fingerprint(site.project)
    site.install(version="1.3")
    assert _fingerprint(site.project) != first
    # and a farm that does not name it is what it was without the package
    site.project.write("scenarios/farm.yaml", TEXT)
    installed = _fingerprint(site.project)
    shutil.rmtree(site.path)
    assert _fingerprint(site.project) == installed


def test_a_package_that_is_not_named_disturbs_nobody(site: Site) -> None:
    (site.path / "acme_alarms" / "stream.py").write_text("raise RuntimeError('no licence')")
    assert site.said() == [
        "stream 'oxygen_alarms' of acme-alarms 1.2 cannot be loaded: RuntimeError: no licence",
        "    another version of acme-alarms may help; without it, leave 'oxygen_alarms' out of the scenario",
    ]
    site.project.write("scenarios/farm.yaml", TEXT)
    assert site.project.run("--aquadata-validate").ret == 0


def test_a_criterion_that_cannot_be_loaded(site: Site) -> None:
    site.install(points=POINTS.replace("criterion:Saturations", "criterion:Nothing"))
    first, second = site.said()
    assert first.startswith("criterion 'alarm_saturations' of acme-alarms 1.2 cannot be loaded: AttributeError: ")
    assert second.endswith("leave 'alarm_saturations' out of the scenario")


def test_versions_that_do_not_go_together(site: Site) -> None:
    site.install(requires="pytest-aquadata>=99")
    first, second = site.said()
    assert re.fullmatch(
        r"criterion 'alarm_saturations' of acme-alarms 1.2 needs pytest-aquadata>=99, and pytest-aquadata \S+ is installed", first
    )
    assert second == "    pip check lists what does not go together"


def test_names_that_are_taken(site: Site) -> None:
    site.install(name="other-alarms", points="[pytest_aquadata.streams]\noxygen_alarms = other:Stream\n")
    assert site.said() == [
        "stream 'oxygen_alarms' is in two packages: acme-alarms 1.2 and other-alarms 1.2",
        "    uninstall one of them",
    ]
    site.install(name="other-alarms", points="[pytest_aquadata.streams]\nfeeding = other:Stream\n")
    assert site.said()[0] == "stream 'feeding' of other-alarms 1.2 has the name of one of ours"
    site.install(name="other-alarms", points="[pytest_aquadata.criteria]\nsurvival = other:Criterion\n")
    assert site.said()[0] == "criterion 'survival' of other-alarms 1.2 has the name of one of ours"
    site.install(name="other-alarms", points="[pytest_aquadata.streams]\nOxygen = other:Stream\n")
    assert site.said()[0] == "stream 'Oxygen' of other-alarms 1.2: not a name"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "oxygen_alarms"', 'name = "alarms"', "stream 'oxygen_alarms' of acme-alarms 1.2 calls itself 'alarms'"),
        ("def count", "def counted", "stream 'oxygen_alarms' of acme-alarms 1.2 has no count (acme_alarms.stream:OxygenAlarms)"),
        ("return {TABLE:", "return {'batch_batch':", "stream 'oxygen_alarms' of acme-alarms 1.2 makes rows of batch_batch, which is not"),
        ('TABLE = "alarms_oxygenalarm"', 'TABLE = "batch_batch"', "stream 'oxygen_alarms' of acme-alarms 1.2 claims batch_batch, a table"),
        (
            '"day": "date"',
            '"day": "day"',
            "stream 'oxygen_alarms' of acme-alarms 1.2: alarms_oxygenalarm.day is neither a kind nor a table",
        ),
        (
            "stay.days, EVERY)) for",
            "stay.nights, EVERY)) for",
            "stream 'oxygen_alarms' of acme-alarms 1.2 cannot count FAR-2025-001: AttributeError: ",
        ),
    ],
)
def test_a_stream_that_is_none(site: Site, old: str, new: str, said: str) -> None:
    file = site.path / "acme_alarms" / "stream.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    assert site.said()[0].startswith(said)


def test_a_stream_that_makes_other_rows_than_it_counted(site: Site, prepared_url: str) -> None:
    file = site.path / "acme_alarms" / "stream.py"
    file.write_text(file.read_text().replace("return {TABLE: ", "return {TABLE: 1 + "))
    site.project.write(
        "show.py",
        "import datetime, pathlib\n"
        "from pytest_aquadata.scenario.load import load_scenario\n"
        "from pytest_aquadata.streams.registry import active_streams, make_plan\n"
        "plan = make_plan(load_scenario(pathlib.Path('scenarios/farm.yaml'), today=datetime.date(2025, 6, 1)))\n"
        "try: list(active_streams(plan.simulation.scenario)[-1].rows(plan, plan.simulation.batches[0]))\n"
        "except Exception as error: print(error)\n",
    )
    (line,) = site.project.pytester.runpython(site.project.path / "show.py").outlines
    assert re.fullmatch(
        r"stream 'oxygen_alarms' of acme-alarms 1.2 made (\d+) rows of alarms_oxygenalarm for FAR-2025-001 and had counted \d+", line
    )


def test_an_unknown_stream_is_a_mistake_with_its_place(site: Site) -> None:
    site.project.write("scenarios/farm.yaml", TEXT + "\nstreams: {oxygen_alarm: true, oxygen_alarms: 3}\n")
    text = "\n".join(site.said())
    assert "unknown key 'oxygen_alarm'" in text
    assert "did you mean 'oxygen_alarms'?" in text
    assert "oxygen_alarms: 3 is neither true nor false" in text
