"""The documentation is held against the code: its examples are planned, its tables are the program's."""

from __future__ import annotations

import ast
import re
import runpy
import shlex
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import psycopg
import pytest
import yaml
from run_farm import Databases

from pytest_aquadata import measured, options
from pytest_aquadata.exitcodes import EXIT_ENVIRONMENT
from pytest_aquadata.outcomes import cause_of
from pytest_aquadata.refusal import refusal
from pytest_aquadata.scenario.criteria import CriterionSpec
from pytest_aquadata.scenario.load import SHIPPED, load_scenario
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.names import FIGURES, STANDARD
from pytest_aquadata.scenario.reference import reference
from pytest_aquadata.streams.registry import make_plan

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHIPPED_NAMES = {file.stem for file in SHIPPED.glob("*.yaml")}
EXAMPLES = [
    pytest.param(text, id=f"{page.stem}-{n}")
    for page in PAGES
    for n, text in enumerate(re.findall(r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE))
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_of_a_scenario_can_be_planned(text: str, tmp_path: Path) -> None:
    file = tmp_path / "example.yaml"
    file.write_text(text, encoding="utf-8")
    plan = make_plan(load_scenario(file, today=date(2026, 1, 1)))
    assert plan.simulation.batches


def test_the_table_of_options_is_the_programs() -> None:
    assert options.markdown() in (ROOT / "docs" / "options.md").read_text(encoding="utf-8")


def test_every_key_of_a_scenario_is_documented() -> None:
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    missing = [name for name in Scenario.model_fields if f"`{name}`" not in page and name not in ("name", "description")]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


def test_the_readme_has_its_two_commands() -> None:
    commands = re.findall(r"^python3 -m venv .*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) == 2
    assert commands[0].endswith("--aquadata=smoke")


CRITERIA = ROOT / "docs" / "criteria.md"


def test_every_standard_criterion_is_listed() -> None:
    page = CRITERIA.read_text(encoding="utf-8")
    assert "".join(f"| `{name}` | {says} |\n" for name, says in STANDARD.items()) in page


def test_every_published_figure_is_listed() -> None:
    page = CRITERIA.read_text(encoding="utf-8")
    assert "".join(f"| `{name}` | {says} |\n" for name, says in FIGURES.items()) in page


def test_every_line_of_the_guide_has_its_criterion_or_a_reason() -> None:
    lines = re.findall(r"^\| (?!the guide's|criterion|-)(.*?) \|(.*?)\|(.*?)\|$", CRITERIA.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) > 40
    for line, criteria, stands in lines:
        named = re.findall(r"`(\w+)`", criteria)
        assert named or stands.strip(), line
        assert set(named) <= set(STANDARD), line


def test_the_document_for_machines_is_described() -> None:
    """Keys that the code writes and figures that it compares, each in its table."""
    page = (ROOT / "docs" / "machines.md").read_text(encoding="utf-8")
    assert "".join(f"| `{figure.name}` | {figure.unit} | {figure.says} |\n" for figure in measured.FIGURES) in page
    written = ast.parse((ROOT / "pytest_aquadata" / "document.py").read_text(encoding="utf-8"))
    function = next(node for node in written.body if isinstance(node, ast.FunctionDef) and node.name == "document")
    answer = next(node.value for node in ast.walk(function) if isinstance(node, ast.Return))
    keys = [key.value for key in answer.keys]
    section = page.partition("## JSON")[2].partition("\n## ")[0]
    assert len(keys) > 10
    assert not [key for key in keys if f"`{key}`" not in section]
    assert f"| {EXIT_ENVIRONMENT} | the environment" in page


def test_messages_of_the_environment_are_the_programs() -> None:
    """Each begins as the page says: the words between what is filled in stand in the program in this order."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    source = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "pytest_aquadata").rglob("*.py"))
    rows = re.findall(r"^\| `(.+?)` \| .+ \|$", page.partition("\n## While it builds")[0], re.MULTILINE)
    assert len(rows) >= 25
    assert rows == sorted(rows, key=lambda row: re.sub(r"[^a-z ]", "", row.lower()) if not row.startswith("…") else "~" + row)
    for row in rows:
        words = r"[^\n]*?".join(re.escape(part.strip()) for part in re.split("…", row) if part.strip(" '"))
        assert re.search(words, source), row


COMMANDS = sorted(
    {
        command
        for page in PAGES
        for command in re.findall(r"^(?: {4}|\| ?.*?`)?(pytest --aquadata[^\n#`|]*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one(command: str, pytester: pytest.Pytester) -> None:
    """Its options are those of pytest and of the plugin, and its settings fit the scenario, where that is no placeholder."""
    config = pytester.parseconfig(*shlex.split(command)[1:])
    if (chosen := options.resolve(config, {})) and chosen.scenario in SHIPPED_NAMES:
        load_scenario(SHIPPED / f"{chosen.scenario}.yaml", chosen.overrides, today=date(2026, 1, 1))


def test_settings_that_stand_for_the_scripts_options() -> None:
    """Each of the table's settings, over a scenario that it has to fit."""
    rows = re.findall(r"^\| .*? \| (.*?) \| `--aquadata-set '?(.*?)'?` \|$", (ROOT / "docs" / "moving.md").read_text("utf-8"), re.MULTILINE)
    assert len(rows) >= 8
    for said, setting in rows:
        base = SHIPPED / ("smoke.yaml" if not setting.startswith("years") else "medium.yaml")
        more = ("batches=",) if setting.startswith("years") else ("as_of=2026-11-21",) if setting.startswith("batches") else ()
        scenario = load_scenario(base, (*more, setting), today=date(2026, 1, 1))
        key = setting.partition("=")[0]
        assert f"`{key}" in said
        if inside := re.fullmatch(rf"`({key}: .*?)`(?: .*)?", said):
            typed = load_scenario(base, (*more, inside[1].replace(": ", "=", 1)), today=date(2026, 1, 1))
            assert getattr(typed, key) == getattr(scenario, key)


def test_settings_that_make_a_farm_smaller_do() -> None:
    page = (ROOT / "docs" / "tuning.md").read_text(encoding="utf-8")
    settings = re.findall(r"^\| `--aquadata-set '?(.*?)'?` \|", page, re.MULTILINE)
    assert len(settings) >= 4
    base = ("batches=", "years=2", "stagger=90 days")
    whole = int(make_plan(load_scenario(SHIPPED / "medium.yaml", base, today=date(2026, 1, 1))).counts.sum())
    for setting in settings:
        smaller = int(make_plan(load_scenario(SHIPPED / "medium.yaml", (*base, setting), today=date(2026, 1, 1))).counts.sum())
        assert smaller < whole, setting


def test_every_section_of_the_report_is_described() -> None:
    """Titles as the sections give themselves, read from their modules: to draw them takes a farm."""
    sources = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "pytest_aquadata" / "report").glob("*.py"))
    titles = set(re.findall(r'Section\(\s*"\w+",\s*"([^"]+)"', sources)) - {"Farm"}
    table = (ROOT / "docs" / "report.md").read_text(encoding="utf-8").partition("| section |")[2]
    assert len(titles) > 12
    assert not [title for title in titles if title.partition(",")[0] not in table]


def test_the_reference_is_made_from_the_models() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert page == reference(), "write it again: python -m pytest_aquadata.scenario.reference > docs/reference.md"


def test_the_servers_words_are_errors_of_the_environment() -> None:
    """Each is an error of psycopg's that ends a session with the code of the environment, as the page says."""
    section = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").partition("## While it builds")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(.+?)` \| `(\w+)` \| .+ \|$", section, re.MULTILINE)
    assert len(rows) >= 8
    assert rows == sorted(rows)
    assert {cause_of(getattr(psycopg.errors, name)()) for _, name in rows} == {"environment"}
    assert f"end with exit code {EXIT_ENVIRONMENT}" in section


def test_a_refusal_is_described_key_by_key(tmp_path: Path, pytester: pytest.Pytester) -> None:
    page = (ROOT / "docs" / "machines.md").read_text(encoding="utf-8")
    section = page.partition("## A session that is refused")[2].partition("\n## ")[0]
    chosen = options.resolve(pytester.parseconfig("--aquadata=smoke"), {})
    assert chosen is not None
    said = refusal(chosen, "message", EXIT_ENVIRONMENT, tmp_path)
    assert {f"`{key}`" for key in said} <= set(re.findall(r"`\w+`", section))
    assert f"| 4 or {EXIT_ENVIRONMENT}, as above |" in section


def test_the_page_of_the_biology_is_the_data_files() -> None:
    program = runpy.run_path(str(ROOT / "docs" / "biology.py"))
    made = program["page"]()
    assert made == (ROOT / "docs" / "biology.md").read_text(encoding="utf-8"), "write it again: python docs/biology.py"
    for name in program["FILES"]:
        file = ROOT / "pytest_aquadata" / "data" / name
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        assert not [line for line in lines if line not in made], name


def test_every_page_is_in_the_sites_table_of_contents() -> None:
    pytest.importorskip("sphinx")
    listed = re.findall(r"^(\w+)$", (ROOT / "docs" / "index.md").read_text(encoding="utf-8"), re.MULTILINE)
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")} - {"index"}
    assert set(listed) == pages
    assert len(listed) == len(set(listed))


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    words = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-n", "-b", "dummy", str(ROOT / "docs"), str(tmp_path / "site")]
    # the theme comes with the docs extra and draws nothing here
    done = subprocess.run([*words, "-D", "html_theme=basic"], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


RECIPES = re.findall(r"^```yml\n(.*?)^```$", (ROOT / "docs" / "howto.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("recipe", RECIPES, ids=range(len(RECIPES)))
def test_a_recipe_for_ci_is_yaml_and_its_command_one(recipe: str, pytester: pytest.Pytester) -> None:
    """What it runs parses, and what it keeps is what that command writes."""
    assert yaml.safe_load(recipe)
    (command,) = re.findall(r"(pytest --aquadata.*)$", recipe, re.MULTILINE)
    chosen = options.resolve(pytester.parseconfig(*shlex.split(command)[1:]), {})
    assert chosen is not None
    assert chosen.scenario in SHIPPED_NAMES
    kept = re.search(r"path: (farm\.\*)|paths: \[(.*)\]", recipe)
    assert kept[1] or set(kept[2].split(", ")) == {chosen.html, chosen.json}


def _criteria_of(text: str) -> dict[str, CriterionSpec]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "example.yaml"
        file.write_text(text, encoding="utf-8")
        return dict(load_scenario(file, today=date(2026, 1, 1)).criteria)


def test_queries_of_the_docs_criteria_run(databases: Databases) -> None:
    texts = [str(example.values[0]) for example in EXAMPLES]
    asked = [(name, spec.rows) for text in texts for name, spec in _criteria_of(text).items() if spec.rows]
    assert len(asked) >= 2
    with psycopg.connect(databases.finished) as conn:
        for name, query in asked:
            assert conn.execute(query).fetchall() == [], name
