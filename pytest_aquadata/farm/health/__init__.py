"""App health of the reference farm."""
