"""App broodstock of the reference farm."""
