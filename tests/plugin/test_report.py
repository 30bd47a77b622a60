"""The report as a user gets it: one page that asks for nothing else, with every section, whatever the database holds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import psycopg
import pytest
from PIL import Image
from projects import Project
from run_farm import NAMES, Databases

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.simulation import pool_curve
from pytest_aquadata.report import page
from pytest_aquadata.report.base import Source
from pytest_aquadata.report.occupancy import held

OWN = "--aquadata-set=criteria.own.rows=SELECT batch_number, '<b>&' AS odd FROM batch_batch ORDER BY id"
ANCHORS = ["summary", "criteria", "occupancy", "gantt", "containers", "growth", "conversion", "lice", "temperatures", "feed", "harvests"]
ANCHORS += ["tables", "times", "batches", "plan", "scenario"]


class _Page(HTMLParser):
    """Elements, ids and links of a page; what is never closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.open: Counter[str] = Counter()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.open[tag] += 1
        for name, value in attrs:
            if name == "id":
                self.ids[str(value)] += 1
            if name in ("href", "xlink:href", "src"):
                self.links.append(str(value))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open[tag] -= 1

    def handle_endtag(self, tag: str) -> None:
        self.open[tag] -= 1


@pytest.fixture
def report(project: Project, finished_url: str) -> Path:
    result = project.run("-n", "2", "--aquadata-html=farm.html", OWN, url=finished_url)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "INTERNALERROR" not in result.stdout.str()
    return project.path / "farm.html"


def test_a_page(report: Path, databases: Databases) -> None:
    text = report.read_text(encoding="utf-8")
    parsed = _Page(text)
    assert [anchor for anchor in ANCHORS if anchor not in parsed.ids] == []
    assert not [name for name, times in parsed.ids.items() if times > 1]
    assert {link for link in parsed.links if not (link.startswith("#") and link[1:] in parsed.ids)} == set()
    assert not {tag for tag, left in parsed.open.items() if left and tag not in ("meta", "rect")}
    # nothing is fetched and nothing runs
    assert parsed.tags["script"] == parsed.tags["link"] == parsed.tags["img"] == 0
    assert "default-src 'none'" in text
    assert set(re.findall(r"https?://[^\"'<> ]+", text)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "url(http" not in text
    assert parsed.tags["svg"] >= 8

    assert databases.digest in text
    assert '<p class="verdict failed">failed</p>' in text
    assert "&lt;b&gt;&amp;" in text
    assert "<b>&" not in text
    for name in NAMES:
        assert f"--aquadata-batch={name}" in text
    assert "description: Three small batches in two geographies" in text
    # the colours that stand for the page's own are gone
    assert "#010203" not in text
    assert "currentColor" in text


def test_the_curve_of_occupancy_is_the_plans(finished_url: str, databases: Databases) -> None:
    simulation = databases.plan.simulation
    with psycopg.connect(finished_url, autocommit=True) as conn:
        start, curves = held(Source(conn, databases.plan, {}, ""))
    assert start == simulation.first_day
    for geography in simulation.world.geographies:
        pools = [pool for pool in simulation.calendar.pools if pool.geography == geography.number]
        mine = [curve for key, curve in curves.items() if key[0] == geography.name]
        if mine:
            planned = np.sum([pool_curve(simulation, pool) for pool in pools], axis=0)
            assert np.array_equal(np.sum(mine, axis=0), planned[: len(mine[0])])


def test_a_database_that_does_not_answer(project: Project, finished_url: str) -> None:
    with psycopg.connect(finished_url) as conn:
        conn.execute("DROP TABLE health_licecount CASCADE")
        conn.execute("TRUNCATE batch_batchcontainerassignment CASCADE")
    result = project.run("-k", "verify and own", "--aquadata-html=farm.html", url=finished_url)
    assert result.ret == 0, result.stdout.str()
    text = (project.path / "farm.html").read_text(encoding="utf-8")
    assert "The database does not answer: relation &quot;health_licecount&quot; does not exist" in text
    assert "What the database holds cannot be drawn: ValueError: " in text
    assert "<section id=occupancy>" in text


def test_nothing_is_built(project: Project, prepared_url: str) -> None:
    assert project.run("-k", "prepare", "--aquadata-html=farm.html", url=prepared_url).ret == 0
    assert "No batch is built." in (project.path / "farm.html").read_text(encoding="utf-8")


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(AquadataError, match=r"not installed\n    pip install 'pytest-aquadata\[report\]'"):
        page.refuse_without_plots()


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_in_a_browser(report: Path, tmp_path: Path) -> None:
    """It is drawn, light and dark, and a small page is no wider than its window."""
    image = tmp_path / "page.png"
    for width, dark in ((1280, False), (1280, True), (500, False)):
        words = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--screenshot={image}"]
        words += [f"--window-size={width},3000", *(["--blink-settings=preferredColorScheme=0"] if dark else []), report.as_uri()]
        subprocess.run(words, check=True, capture_output=True, timeout=120)
        pixels = np.asarray(Image.open(image).convert("L")).astype(int)
        paper = int(pixels[1, 1])
        assert paper < 60 if dark else paper > 240
        assert len(np.unique(pixels)) > 50
        # the margin on the right is empty
        assert (pixels[:, -8:] == paper).all()
