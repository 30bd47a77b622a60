"""App infrastructure of the reference farm."""
