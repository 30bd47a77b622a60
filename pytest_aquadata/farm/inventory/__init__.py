"""App inventory of the reference farm."""
