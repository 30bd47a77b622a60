"""Migrations of app batch."""
