"""Django from within a program: set up for the reference farm, pointed at a database, migrated.

An application that has Django configured keeps its own settings and database: nothing here touches them, and its tables
are migrated by nobody but itself.
"""

from __future__ import annotations

import os
import pkgutil
from importlib import import_module
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.farm import settings as reference
from pytest_aquadata.farm.address import database


def is_reference() -> bool:
    """Whether Django is configured, and for the reference farm."""
    return settings.configured and bool(getattr(settings, "AQUADATA_REFERENCE_FARM", False))


def is_application() -> bool:
    """Whether this process's Django is, or is about to be, an application's, with tables of its own."""
    named = os.environ.get("DJANGO_SETTINGS_MODULE")
    return not is_reference() and (settings.configured or (bool(named) and named != reference.__name__))


def configure_application() -> None:
    """Set the application's Django up.

    Raises:
        AquadataError: no settings are named, or they cannot be used.
    """
    if not is_application():
        raise AquadataError(
            "there are no settings of an application here\n    name them in DJANGO_SETTINGS_MODULE, or for pytest-django in pytest.ini"
        )
    try:
        if not apps.ready:
            django.setup()
    except Exception as error:  # whatever an application's settings or models raise
        raise AquadataError(f"Django cannot be set up: {type(error).__name__}: {error}") from None


def refuse_application(guarded: bool, database: str | None) -> None:
    """Say what to do where this process's Django belongs to an application and nobody named a database; one process has one Django.

    guarded: whether pytest-django is at work. It keeps everything outside of its own tests from the database of settings that it knows.
    database: the database that was asked for; with one, a farm is built into the application's tables there.

    Raises:
        AquadataError: as above, or the farm's own settings are under guard.
    """
    named = os.environ.get("DJANGO_SETTINGS_MODULE")
    if not settings.configured and not named:
        return
    leave_out = "leave them out:   env -u DJANGO_SETTINGS_MODULE pytest -p no:django --aquadata=…"
    if is_application():
        if database:
            configure_application()
            return
        raise AquadataError(
            f"Django is set up for an application here ({named or 'settings.configure'}): which database of its is to be filled?\n"
            "    name it:   --aquadata-database=postgresql://…   (its tables are there: manage.py migrate)\n"
            f"    for a farm of its own build from a folder without these settings, or {leave_out}"
        )
    if guarded:
        raise AquadataError(f"pytest-django guards the database of Django's settings, which are the farm's here\n    {leave_out}")


def configure(url: str) -> None:
    """Set Django up for the reference farm in the database at `url`; called again, point it at that database instead.

    Settings that are configured already, or named by DJANGO_SETTINGS_MODULE, stay as they are.
    """
    if not settings.configured and not os.environ.get("DJANGO_SETTINGS_MODULE"):
        values: dict[str, Any] = {name: getattr(reference, name) for name in dir(reference) if name.isupper()}
        settings.configure(**values | {"DATABASES": {"default": database(url)}})
    if not apps.ready:
        django.setup()
    if is_reference():
        _point_at(database(url))


def _point_at(wanted: dict[str, Any]) -> None:
    current = connection.settings_dict
    if all(current[key] == value for key, value in wanted.items()):
        return
    connection.close()
    current.update(wanted)
    # ids of content types are the old database's
    from django.contrib.contenttypes.models import ContentType

    ContentType.objects.clear_cache()


def migrate(url: str) -> None:
    """Create or update all tables of the reference farm in the database at `url`; leaves no connection open.

    Raises:
        AquadataError: Django is configured for an application, or the database holds tables of the same names that
            another set of migrations made.
    """
    configure(url)
    if not is_reference():
        raise AquadataError(
            f"Django is configured for an application ({os.environ.get('DJANGO_SETTINGS_MODULE', 'settings.configure')}), "
            "whose tables are its own to migrate: run its manage.py migrate"
        )
    try:
        with connection.cursor() as cursor:
            _refuse_strange_tables(cursor)
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    finally:
        connection.close()


def _refuse_strange_tables(cursor: CursorWrapper) -> None:
    """Django goes by the names of migrations alone and would take another project's `batch.0001_initial` for ours."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))")
    tables = {table for (table,) in cursor.fetchall()}
    done: dict[str, set[str]] = {}
    if "django_migrations" in tables:
        cursor.execute("SELECT app, name FROM django_migrations")
        for app, name in cursor.fetchall():
            done.setdefault(app, set()).add(name)
    for label in reference.APPS:
        package = import_module(f"pytest_aquadata.farm.{label}.migrations")
        known = {module.name for module in pkgutil.iter_modules(package.__path__)}
        strange = sorted(f"migration {label}.{name}" for name in done.get(label, set()) - known)
        if label not in done:
            ours = {model._meta.db_table for model in apps.get_app_config(label).get_models()}
            strange = sorted(f"table {table}" for table in tables & ours)
        if strange:
            raise AquadataError(
                f"database {connection.settings_dict['NAME']!r} holds tables that this package did not make "
                f"({strange[0]}): name an empty database, or one that it made"
            )
