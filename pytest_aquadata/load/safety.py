"""What looks like production, and how a database has to be named before anything is written to it.

Names and hosts are taken apart into words: `aquamind_prod`, `db1.live.example.org` and `prd-2` have one that says so, `reproduction` has
none. A test database (`test_…`) is one whatever follows in its name; on a host that looks like production it is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from psycopg import conninfo

from pytest_aquadata.load.ledger import Connection

WORDS = ("live", "prd", "prod", "production")
"""Words by which a database or a host looks like production."""
TEST = "test_"
"""How the name of a test database begins."""


def _words(text: str) -> Sequence[str]:
    return [word.strip("0123456789") for word in re.split("[^a-z0-9]+", text.lower())]


def production(host: str, name: str) -> str:
    """Why a database looks like production; empty where it does not. host: a name, or a socket's folder."""
    for what, text in (("its host", host), ("its name", "" if name.startswith(TEST) else name)):
        if found := [word for word in _words(text) if word in WORDS]:
            return f"{what} has '{found[0]}' in it"
    return ""


def refusal(conn: Connection, url: str, shown: str, explicit: bool) -> str:
    """Why nothing may be written to a database that looks like production; empty where it does not, or is named in full.

    url: the address as it was given. shown: the same without a password. explicit: whether it was typed for this very run.
    """
    why = production(conn.info.host, conn.info.dbname)
    given = conninfo.conninfo_to_dict(url)
    if not why or (explicit and given.get("dbname") and (given.get("host") or given.get("hostaddr"))):
        return ""
    return (
        f"{shown} looks like production: {why}; nothing was written\n"
        "    if it is meant all the same, write its host and its name in full on the command line: --aquadata-database=postgresql://host/name"
    )
