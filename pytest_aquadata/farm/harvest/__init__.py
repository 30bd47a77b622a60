"""App harvest of the reference farm."""
