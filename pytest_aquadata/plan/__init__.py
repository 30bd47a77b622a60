"""Scenario to plan: the whole simulation at daily resolution, pure and exact."""
