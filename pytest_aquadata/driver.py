"""Which driver Django talks to PostgreSQL with, where both are installed.

Django takes psycopg 3 as soon as it can be imported, and this package needs it for COPY. An application that is written for psycopg2
(raw cursors with `IN %s`, `psycopg2.extras`, `except psycopg2.Error`) would so get another driver by having this package installed. The
ini option `aquadata_django_driver = psycopg2` keeps it on its own: Django's backend is imported while psycopg cannot be, before anything
else imports it.
"""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

INI = "aquadata_django_driver"
_BACKEND = "django.db.backends.postgresql.base"
_DRIVERS = ("psycopg", "psycopg2")


def use(name: str) -> None:
    """Import Django's backend with this driver; nothing to do for an empty name, or for psycopg, which Django takes by itself.

    Raises:
        pytest.UsageError: no such driver, it is not installed, or the backend has been imported with the other one.
    """
    if not name:
        return
    if name not in _DRIVERS:
        raise pytest.UsageError(f"{INI}: '{name}' is no driver of Django's; give {' or '.join(_DRIVERS)}")
    if name == "psycopg2" and _BACKEND not in sys.modules:
        _import_without_psycopg()
    there = sys.modules.get(_BACKEND)
    if there is not None and (taken := there.Database.__name__) != name:
        raise pytest.UsageError(
            f"{INI} = {name}: Django's backend has been imported with {taken} already\n"
            "    a plugin or conftest.py imports it earlier: load that later, or set this option where it is loaded"
        )


def _import_without_psycopg() -> None:
    """Import the backend while `import psycopg` fails, as a None in `sys.modules` makes it."""
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "psycopg"}
    sys.modules["psycopg"] = None  # type: ignore[assignment]  # what the import system documents for this
    try:
        import_module(_BACKEND)
    except Exception as error:  # ImproperlyConfigured, which is Django's and not imported here
        raise pytest.UsageError(f"{INI} = psycopg2: {' '.join(str(error).split())}") from None
    finally:
        del sys.modules["psycopg"]
        sys.modules.update(hidden)
