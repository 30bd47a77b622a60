"""Names app inventory, so that its label is the application's."""

from __future__ import annotations

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """App inventory of the reference farm."""

    name = "pytest_aquadata.farm.inventory"
    label = "inventory"
    default_auto_field = "django.db.models.BigAutoField"
