"""Names app environmental, so that its label is the application's."""

from __future__ import annotations

from django.apps import AppConfig


class EnvironmentalConfig(AppConfig):
    """App environmental of the reference farm."""

    name = "pytest_aquadata.farm.environmental"
    label = "environmental"
    default_auto_field = "django.db.models.BigAutoField"
