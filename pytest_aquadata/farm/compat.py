"""One spelling of what Django spells differently from release to release."""

from __future__ import annotations

from typing import Any

import django
from django.db import models


def check_constraint(condition: models.Q, name: str) -> models.CheckConstraint:
    """Return a CHECK of `condition`; Django 5.1 renamed the argument and 6.0 drops the old name."""
    argument: dict[str, Any] = {"condition" if django.VERSION >= (5, 1) else "check": condition}
    return models.CheckConstraint(name=name, **argument)
