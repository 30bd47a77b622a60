"""Migrations of app harvest."""
