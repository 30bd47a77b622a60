"""Applications that are unlike the reference farm in one thing each, made from its models and looked at through all criteria."""

from __future__ import annotations

import re

import django_project
from django_project import HERE

FARM = HERE.parents[1] / "pytest_aquadata" / "farm"

OTHER_NAMES = '''

from django.db.models.signals import class_prepared


def rename(sender, **_):
    """Give every table and every column of the farm's another name; nothing is where its name says."""
    if sender._meta.app_label in LABELS and not sender._meta.abstract:
        sender._meta.db_table = f"Their {sender._meta.db_table}"
        for field in sender._meta.local_fields:
            field.column = f"c_{field.column}"


LABELS = %r
class_prepared.connect(rename, weak=False)
'''


def write(project: django_project.Application, *, more_settings: str = "", changes: dict[str, list[tuple[str, str]]] | None = None) -> None:
    """Write the farm's apps into a project as its own, changed by patterns, and a scenario of theirs with all standard criteria."""
    from pytest_aquadata.farm.settings import APPS

    for label in APPS:
        for file in sorted((FARM / label).rglob("*.py")):
            if "migrations" in file.parts:
                continue
            path, text = str(file.relative_to(FARM)), file.read_text(encoding="utf-8")
            for old, new in (changes or {}).get(path, ()):
                text, changed = re.subn(old, new, text, count=1)
                assert changed, f"{path} has no {old!r}"
            project.write(path, re.sub(r"pytest_aquadata\.farm\.(?!compat|base)", "", text))
    settings = (project.pytester.path / "settings.py").read_text()
    installed = ["django.contrib.contenttypes", "django.contrib.auth", *APPS]
    without = "MIGRATION_MODULES = {'auth': None, 'contenttypes': None}"
    project.write("settings.py", f"{settings}\nINSTALLED_APPS = {installed}\n{without}\n{more_settings}")
    scenario = (project.pytester.path / "scenarios/small.yaml").read_text()
    project.write("scenarios/small.yaml", re.split("^criteria:", scenario, flags=re.MULTILINE)[0])


def other_names() -> str:
    """Settings in which every table and column of the farm is called otherwise."""
    from pytest_aquadata.farm.settings import APPS

    return OTHER_NAMES % (list(APPS),)
