"""An application that is deliberately unlike the reference farm, made from its models by named changes.

Same labels and, mostly, the same models; but another user, no finance, other names, more columns, moments that are set when a row is saved,
a table with UUIDs for keys, rows that are there already, and signals that raise when anything is saved.
"""

from __future__ import annotations

import re
from pathlib import Path

import django_project

from pytest_aquadata.farm.settings import APPS

FARM = Path(__file__).parents[2] / "pytest_aquadata" / "farm"

BASE = '''
from django.db import models
from pytest_aquadata.farm.base import Progress, Subsidiary


class Stamped(models.Model):
    """Moments that only `save` sets, and a column that the farm does not know."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    revision = models.IntegerField(default=7)
    remark = models.CharField(max_length=20, blank=True)

    class Meta:
        abstract = True
'''
USERS = '''
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class Member(AbstractBaseUser):
    """A user without a name: an address, and a number that has to be given."""

    email = models.EmailField(unique=True)
    badge = models.CharField(max_length=10)
    is_active = models.BooleanField(default=True)
    USERNAME_FIELD = "email"
    objects = BaseUserManager()
'''
SIGNALS = """
from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save, pre_save


def refuse(sender, **_):
    raise AssertionError(f"a signal of {sender.__name__} was sent")


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        for signal in (pre_save, post_save, post_delete):
            for config in self.apps.get_app_configs():
                for model in config.get_models() if config.label in LABELS else ():
                    signal.connect(refuse, sender=model)


LABELS = {labels!r}
"""
# path of a file of the farm's, what stands there (a pattern), what the application has instead
CHANGES = [
    ("batch/models/fish.py", "    pinned_scenario = ", "    pinned_projection_run = "),
    ("batch/models/fish.py", '    status = models.CharField[(]max_length=20, choices', """\
    site_code = models.CharField(max_length=10)
    reference = models.UUIDField(default=uuid.uuid4, unique=True)
    checked_at = models.DateTimeField(default=timezone.now)
    entered_on = models.DateField(auto_now_add=True)
    took = models.DurationField(null=True, default=datetime.timedelta)
    share = models.DecimalField(max_digits=4, decimal_places=2, default=0.25)
    status = models.CharField(max_length=20, choices"""),
    ("batch/models/fish.py", "from django.db", "import datetime\nimport uuid\n\nfrom django.utils import timezone\nfrom django.db"),
    ("batch/models/workflows.py", r"    finance_transaction = .*\n", ""),
    ("batch/models/workflows.py", r"    egg_quality_score = .*\n", ""),
    ("health/models/events.py", '        db_table = "health_licecount"\n', '        db_table = "fish_lice"\n'),
    ("health/models/events.py", '    """An entry of the health journal."""', "    id = models.UUIDField(primary_key=True)"),
    ("health/models/events.py", "from django.db", "import uuid\n\nfrom django.db"),
]  # fmt: skip
HISTORY = """

class HistoricalBatch(models.Model):
    id = models.BigIntegerField(db_index=True)
    batch_number = models.CharField(max_length=50)
    site_code = models.CharField(max_length=10)
    created_at = models.DateTimeField(blank=True, editable=False)
    history_id = models.AutoField(primary_key=True)
    history_date = models.DateTimeField(db_index=True)
    history_change_reason = models.CharField(max_length=100, null=True)
    history_type = models.CharField(max_length=1)
    history_user = models.ForeignKey("accounts.Member", null=True, on_delete=models.SET_NULL, related_name="+")
"""
OWN = '''
def add_own():
    """The rows that the application has of its own, made without signals."""
    from datetime import date

    from django.apps import apps

    def add(label, **values):
        model = apps.get_model(label)
        model.objects.bulk_create([model(**values)])
        return model.objects.get()

    add("accounts.Member", email="own@example.org", badge="1", password="!")
    add("infrastructure.Geography", id=5, name="Faroe Islands")
    salmon = add("batch.Species", id=3, name="Lax", scientific_name="Salmo salar")
    eggs = add("batch.LifeCycleStage", id=9, species=salmon, name="Ova", order=1)
    add("batch.Batch", id=40, batch_number="OWN-1", species=salmon, lifecycle_stage=eggs, start_date=date(2020, 1, 1), site_code="own")
'''
ROWS = """
import pytest
from own import add_own

@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        add_own()
"""
SCENARIO = """\
aquadata:
  history: created
  columns:
    auth_user: {badge: none}
    batch_batch: {site_code: F-1}
"""


def write(project: django_project.Application, scenario: str = SCENARIO) -> None:
    """Write the application into a project, and its scenario."""
    labels = [label for label in APPS if label != "finance"]
    for label in labels:
        for file in sorted((FARM / label).rglob("*.py")):
            if "migrations" in file.parts:
                continue
            path, text = str(file.relative_to(FARM)), file.read_text(encoding="utf-8")
            for where, old, new in CHANGES:
                if where == path:
                    text, changed = re.subn(old, new, text, count=1)
                    assert changed, f"{path} has no {old!r}"
            text = re.sub(r"pytest_aquadata\.farm\.base", "accounts.base", text)
            text = re.sub(r"pytest_aquadata\.farm\.(?!compat)", "", text).replace('"auth.User"', '"accounts.Member"')
            project.write(path, text + (HISTORY if path == "batch/models/fish.py" else ""))
    project.write("own.py", OWN)
    project.write("accounts/__init__.py", "")
    project.write("accounts/base.py", BASE)
    project.write("accounts/models.py", USERS)
    project.write("accounts/apps.py", SIGNALS.replace("{labels!r}", repr([*labels, "accounts"])))
    settings = (project.pytester.path / "settings.py").read_text()
    installed = ["django.contrib.contenttypes", "django.contrib.auth", *labels, "accounts"]
    project.write("settings.py", f"{settings}\nINSTALLED_APPS = {installed}\nAUTH_USER_MODEL = 'accounts.Member'\n")
    project.write("conftest.py", (project.pytester.path / "conftest.py").read_text() + ROWS)
    project.write("scenarios/small.yaml", scenario + (project.pytester.path / "scenarios/small.yaml").read_text())
