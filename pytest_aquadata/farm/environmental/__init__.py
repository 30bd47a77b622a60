"""App environmental of the reference farm."""
