"""The one exception whose text is meant for the user, and the warning of what went another way.

Whatever is wrong with what the user gave (a scenario, an option, a database) is raised as an `AquadataError` with its final text. The
plugin prints that text and nothing else; a traceback means a defect of this package.
"""

from __future__ import annotations


class AquadataError(Exception):
    """A message for the user: what is wrong, where, and what would be right. May have several lines."""


class EnvironmentFault(AquadataError):
    """What the user wrote is right, but the machine or the server cannot do it now: no server, no room, another run at work."""


class NotFilled(AquadataError):
    """A query asks for what a farm does not fill in the application at hand: what, and why."""


class LoadWarning(UserWarning):
    """What a build could not do and went on without, or did another way."""
