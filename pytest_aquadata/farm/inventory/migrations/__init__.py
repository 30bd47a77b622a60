"""Migrations of app inventory."""
