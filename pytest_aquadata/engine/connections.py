"""How many builders may be connected to the server at once, so that a thousand of them do not exhaust it."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from pytest_aquadata.errors import EnvironmentFault
from pytest_aquadata.load.ledger import Connection

SPARE = 10
"""Connections that are left to the session itself, which opens up to six, and to a person who looks on."""

_FREE = """
WITH now AS (SELECT datname = current_database() AS here, usename = current_user AS mine FROM pg_stat_activity WHERE datname IS NOT NULL)
SELECT
    current_setting('max_connections')::int,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0) - (SELECT count(*) FROM now),
    (SELECT nullif(datconnlimit, -1) - (SELECT count(*) FROM now WHERE here) FROM pg_database WHERE datname = current_database()),
    (SELECT nullif(rolconnlimit, -1) - (SELECT count(*) FROM now WHERE mine) FROM pg_roles WHERE rolname = current_user)
"""


@dataclass(frozen=True, slots=True)
class Budget:
    """Connections for builders, and why no more, for a message."""

    connections: int
    why: str


UNLIMITED = Budget(sys.maxsize, "")
"""Where builders need no connection."""


def budget(conn: Connection, asked: int | None) -> Budget:
    """The connections that builders may have: as many as were asked for, else what the server, the database and the role still allow.

    Raises:
        EnvironmentFault: not even one is left.
    """
    if asked is not None:
        return Budget(asked, f"--aquadata-connections={asked}")
    limit, server, database, role = conn.execute(_FREE).fetchone() or (0, 0, None, None)
    left = min(free for free in (server, database, role) if free is not None) - SPARE
    why = f"max_connections of the server is {limit}"
    if left != server - SPARE:
        why = "the database's CONNECTION LIMIT" if database is not None and left == database - SPARE else "the role's CONNECTION LIMIT"
    if left < 1:
        raise EnvironmentFault(
            f"the server has no connection to spare for builders: {why}, and {SPARE} are kept back\n"
            "    raise it, end other sessions, or say how many may be taken: --aquadata-connections=N"
        )
    return Budget(left, why)
