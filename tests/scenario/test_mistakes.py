"""A gallery of wrong scenarios: the exact words of each message, all mistakes at once, never a traceback."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from gallery import GALLERY, OVERRIDES, page
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.scenario.errors import ScenarioError
from pytest_aquadata.scenario.load import load_scenario

TODAY = date(2025, 11, 21)


def complaint(folder: Path, text: str | bytes, *overrides: str) -> str:
    """What is said about a file, '' when it is fine."""
    path = folder / "scenarios" / "x.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        load_scenario(path, overrides, today=TODAY, root=folder)
    except ScenarioError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("text", "said"), GALLERY, ids=range(1, len(GALLERY) + 1))
def test_the_gallery(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert complaint(tmp_path, text) == said


@pytest.mark.parametrize(("override", "said"), OVERRIDES)
def test_wrong_settings_of_the_command_line(tmp_path: Path, override: str, said: str) -> None:
    assert complaint(tmp_path, "batches: 1\n", override) == said


def test_a_mistake_in_the_extended_file_is_reported_there(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "base.yaml").write_text("# base\nstager: 3\nbatches: 2\n")
    assert complaint(tmp_path, "extends: base\nyears: 2\n") == (
        "scenarios/x.yaml:2:1: 'batches' and 'years' exclude each other\n"
        "    'batches' is from scenarios/base.yaml:3; 'batches: null' drops it\n"
        "scenarios/base.yaml:2:1: unknown key 'stager'\n"
        "    did you mean 'stagger'?"
    )


def test_circles(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a.yaml").write_text("extends: x.yaml\n")
    assert complaint(tmp_path, "extends: a.yaml\n") == (
        "scenarios/a.yaml:1:10: extends: in a circle\n    scenarios/x.yaml -> scenarios/a.yaml -> scenarios/x.yaml"
    )


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ScenarioError, match="cannot be read"):
            load_scenario(path, today=TODAY, root=tmp_path)


def test_aliases_cannot_blow_up(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "more than 20000 values" in complaint(tmp_path, "\n".join(lines))


def test_the_error_is_the_packages_own() -> None:
    assert issubclass(ScenarioError, AquadataError)


yaml_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5000)
    | st.sampled_from(["today", "13 days", "3M..4M", "5 kg", "Scotland", "x", "06:00", "80 %"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "batches", "min", "rows", "times", "ages", "code", "stations"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = ["name", "seed", "as_of", "start", "batches", "years", "ages", "stagger", "youngest", "saturation", "eggs"]
KEYS += ["readings", "streams", "geographies", "criteria", "temperatures"]
keys = st.sampled_from(KEYS)


@given(st.dictionaries(keys, yaml_values, max_size=6), st.lists(st.tuples(keys, yaml_values), max_size=2))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_else_is_a_scenario_or_a_scenario_error(tmp_path: Path, values: dict[str, object], more: list[tuple[str, object]]) -> None:
    """Every line of a message starts with a place, or is the hint of the line before."""
    overrides = [f"{key}={yaml.safe_dump(value, default_flow_style=True).removesuffix('...' + chr(10)).strip()}" for key, value in more]
    said = complaint(tmp_path, yaml.safe_dump(values), *overrides)
    for line in said.splitlines():
        assert line.startswith(("scenarios/x.yaml:", "--aquadata-set ", "    "))


@given(st.binary(max_size=60) | st.text(alphabet="ab:-[]{}&*!|>'\"# \n\t,?", max_size=40))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_makes_a_traceback(tmp_path: Path, text: str | bytes) -> None:
    assert complaint(tmp_path, text)


def test_the_page_of_errors_is_the_gallerys() -> None:
    said = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
    assert len(GALLERY) + len(OVERRIDES) >= 30
    assert page() in said, "write it again: python tests/scenario/gallery.py"
