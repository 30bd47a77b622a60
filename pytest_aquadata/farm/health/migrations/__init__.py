"""Migrations of app health."""
