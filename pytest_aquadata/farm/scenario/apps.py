"""Names app scenario, so that its label is the application's."""

from __future__ import annotations

from django.apps import AppConfig


class ScenarioConfig(AppConfig):
    """App scenario of the reference farm."""

    name = "pytest_aquadata.farm.scenario"
    label = "scenario"
    default_auto_field = "django.db.models.BigAutoField"
