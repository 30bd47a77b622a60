"""Migrations of app broodstock."""
