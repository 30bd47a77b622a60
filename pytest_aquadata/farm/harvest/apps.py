"""Names app harvest, so that its label is the application's."""

from __future__ import annotations

from django.apps import AppConfig


class HarvestConfig(AppConfig):
    """App harvest of the reference farm."""

    name = "pytest_aquadata.farm.harvest"
    label = "harvest"
    default_auto_field = "django.db.models.BigAutoField"
