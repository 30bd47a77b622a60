"""Names app infrastructure, so that its label is the application's."""

from __future__ import annotations

from django.apps import AppConfig


class InfrastructureConfig(AppConfig):
    """App infrastructure of the reference farm."""

    name = "pytest_aquadata.farm.infrastructure"
    label = "infrastructure"
    default_auto_field = "django.db.models.BigAutoField"
