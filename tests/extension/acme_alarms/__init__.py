"""Oxygen alarms: a package of somebody else's with a table, a stream that fills it and a criterion."""
