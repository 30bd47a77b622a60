"""Migrations of app finance."""
