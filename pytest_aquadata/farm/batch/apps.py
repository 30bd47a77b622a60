"""Names app batch, so that its label is the application's."""

from __future__ import annotations

from django.apps import AppConfig


class BatchConfig(AppConfig):
    """App batch of the reference farm."""

    name = "pytest_aquadata.farm.batch"
    label = "batch"
    default_auto_field = "django.db.models.BigAutoField"
