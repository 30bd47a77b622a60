"""Migrations of app scenario."""
