"""Addresses of databases as they may be printed, and as they may be used: a password is in neither a message nor a file of ours."""

from __future__ import annotations

import re

import psycopg
from psycopg import conninfo

from pytest_aquadata.errors import AquadataError

_SECRET = ("password", "sslpassword", "oauth_client_secret")


def shown(url: str) -> str:
    """An address without its password, however badly that is written."""
    if "://" in url:
        scheme, _, rest = url.partition("://")
        place, mark, options = rest.partition("?")
        # the last @, as a password may have one that is not written %40
        who, at, where = place.rpartition("@")
        hidden = re.sub(rf"(^|&)((?:{'|'.join(_SECRET)})=)[^&]*", r"\1\2***", options)
        return f"{scheme}://{who.partition(':')[0]}{at}{where}{mark}{hidden}"
    try:
        parts = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError:
        return "the address given"
    return conninfo.make_conninfo("", **{name: value for name, value in parts.items() if name not in _SECRET})


def refuse_address(url: str, whose: str = "--aquadata-database") -> None:
    """Refuse what is no address, before libpq does: its complaint quotes what may be part of a password.

    Raises:
        AquadataError: as above.
    """
    try:
        parts = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        parts = None
    ports = str((parts or {}).get("port") or "").split(",")
    if parts is None or "@" in str(parts.get("host") or "") or not all(port.isdigit() or not port for port in ports):
        raise AquadataError(
            f"{whose} is not the address of a database\n"
            "    it should look like postgresql://user@host:5432/name or host=… dbname=…\n"
            "    in an address @ : / and % of a password are written %40 %3A %2F and %25; better, keep it in a passfile"
        )
