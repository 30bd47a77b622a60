"""Names app broodstock, so that its label is the application's."""

from __future__ import annotations

from django.apps import AppConfig


class BroodstockConfig(AppConfig):
    """App broodstock of the reference farm."""

    name = "pytest_aquadata.farm.broodstock"
    label = "broodstock"
    default_auto_field = "django.db.models.BigAutoField"
