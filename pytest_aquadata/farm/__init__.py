"""The reference farm: Django apps with the application's tables, their settings, and the rows of world and master data."""

from __future__ import annotations
