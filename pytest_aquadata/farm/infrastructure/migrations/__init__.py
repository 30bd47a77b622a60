"""Migrations of app infrastructure."""
