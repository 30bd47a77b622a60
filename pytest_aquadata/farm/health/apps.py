"""Names app health, so that its label is the application's."""

from __future__ import annotations

from django.apps import AppConfig


class HealthConfig(AppConfig):
    """App health of the reference farm."""

    name = "pytest_aquadata.farm.health"
    label = "health"
    default_auto_field = "django.db.models.BigAutoField"
