"""Scenario files: YAML to a checked, frozen `Scenario`, every mistake with its file, line and column.

Nothing here imports Django, pytest or psycopg: a scenario is plain data that any engine can read.
"""
