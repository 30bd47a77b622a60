"""App batch of the reference farm."""
