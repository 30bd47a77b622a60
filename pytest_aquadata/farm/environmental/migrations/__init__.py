"""Migrations of app environmental."""
