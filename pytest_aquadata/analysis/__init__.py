"""Growth analysis from a database alone: what was weighed, counted, fed and measured, assimilated into a state a container and day."""

from __future__ import annotations
