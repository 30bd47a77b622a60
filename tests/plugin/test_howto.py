"""The farm of one's own in the how-to is built as it stands, over less time: another stagger, a third geography, one criterion more."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from projects import Project

PAGE = Path(__file__).parents[2] / "docs" / "howto.md"
SHORT = [f"--aquadata-set={setting}" for setting in ("years=0.2", "geographies.Scotland.years=0.2", "streams.readings=false")]


def test_a_farm_of_ones_own(project: Project, home: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    project.write("scenarios/mine.yaml", text)
    result = project.run(*SHORT, "--aquadata-json=out.json", scenario="mine")
    assert result.ret == 0, result.stdout.str()
    said = json.loads((project.path / "out.json").read_text(encoding="utf-8"))
    assert {batch["geography"] for batch in said["batches"]} == {"Faroe Islands", "Scotland", "Norway"}
    assert {batch["state"] for batch in said["batches"]} == {"built"}
    assert said["scenario"]["resolved"]["stagger"] == 14
    held = {criterion["name"]: criterion["state"] for criterion in said["criteria"]}
    assert held["crowded_rings"] == held["survival"] == held["geographies"] == "pass"

    # the criterion of one's own finds what it is there for: any fish in a tank are too many for a limit of nothing
    query = yaml.safe_load(text)["criteria"][-1]["crowded_rings"]["rows"].strip()
    query = query.replace("> 25", "> 0").replace("c.area_id IS NOT NULL", "c.hall_id IS NOT NULL")
    broken = project.run("-k", "verify and crowded", *SHORT, f"--aquadata-set=criteria.crowded_rings.rows={query}", scenario="mine")
    assert broken.ret == 1, broken.stdout.str()
    broken.stdout.fnmatch_lines(["*kg_per_m3*"])
