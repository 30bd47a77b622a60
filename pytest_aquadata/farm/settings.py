"""Django settings of the reference farm; AQUADATA_DATABASE, a libpq address, names its database.

Nothing here serves a web page: there are models and migrations, and what they need.
"""

from __future__ import annotations

import os

from pytest_aquadata.farm.address import database
from pytest_aquadata.streams.third_party import own_tables

AQUADATA_REFERENCE_FARM = True
"""How `setup.is_reference` knows these settings."""

APPS = (
    "infrastructure",
    "broodstock",
    "batch",
    "inventory",
    "environmental",
    "health",
    "harvest",
    "finance",
    "scenario",
)
"""Labels of the farm's apps."""

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    *(f"pytest_aquadata.farm.{app}" for app in APPS),
    # behind ours, so that ours keep the numbers of their content types
    *dict.fromkeys(table.app for table in own_tables().values()),
]
DATABASES = {"default": database(os.environ.get("AQUADATA_DATABASE", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
# Nothing is signed; Django only asks that there be one.
SECRET_KEY = "the reference farm signs nothing"
