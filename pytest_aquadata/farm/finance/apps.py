"""Names app finance, so that its label is the application's."""

from __future__ import annotations

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    """App finance of the reference farm."""

    name = "pytest_aquadata.farm.finance"
    label = "finance"
    default_auto_field = "django.db.models.BigAutoField"
