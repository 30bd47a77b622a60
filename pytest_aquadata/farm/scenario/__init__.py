"""App scenario of the reference farm."""
