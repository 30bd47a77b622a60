"""App finance of the reference farm."""
