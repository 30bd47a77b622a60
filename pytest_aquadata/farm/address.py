"""A libpq address in the form Django wants, with nothing lost on the way.

Django has names for five of libpq's parameters; all others (passfile, sslmode, service, …) are handed to libpq untouched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import conninfo, pq

_DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def _defaults() -> dict[str, str]:
    """libpq's defaults, its environment variables included."""
    known = {option.keyword: option.val for option in pq.Conninfo.get_defaults()}
    return {key.decode(): value.decode() for key, value in known.items() if value}


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for the database at `url`, a libpq URL or `key=value` string.

    What is not given, an empty `url` included, is what libpq itself falls back to: PGHOST and its like, and a database named like the user.

    Raises:
        psycopg.ProgrammingError: the address is not one that libpq understands.
    """
    given = {key: str(value) for key, value in conninfo.conninfo_to_dict(url).items() if value is not None}
    if not given.get("dbname") and "service" not in given:
        # libpq would fill it in by itself, but Django refuses to connect without a name
        fallback = _defaults()
        given["dbname"] = fallback.get("dbname") or given.get("user") or fallback.get("user", "")
    named = {django_name: given.pop(name, "") for name, django_name in _DJANGO_NAMES.items()}
    return {"ENGINE": "django.db.backends.postgresql", **named, "OPTIONS": given}


def address(values: Mapping[str, Any]) -> str:
    """Return the libpq address of what Django's settings of a database say; the inverse of `database`.

    Options that are Django's own (`isolation_level`, `pool`, …) are left out, a role to assume is assumed.
    """
    options = dict(values.get("OPTIONS") or {})
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    given = {name: str(value) for name, value in options.items() if name in known and value is not None}
    given |= {name: str(values[django_name]) for name, django_name in _DJANGO_NAMES.items() if values.get(django_name)}
    if role := options.get("assume_role"):
        given["options"] = f"{given.get('options', '')} -c role={role}".strip()
    return conninfo.make_conninfo("", **given)
