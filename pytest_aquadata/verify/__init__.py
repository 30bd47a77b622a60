"""Criteria: what a built database is held against, each a query and a bound.

Verification reads the database alone and compares it with the plan; it writes nothing, and it needs no Django.
"""
