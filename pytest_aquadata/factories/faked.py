"""Columns whose text Faker makes up, and the seeded Faker that makes it.

Faker's words change from one of its versions to the next, so these columns are kept out of every digest. Within one
version a text depends on nothing but the column and the object it is for: not on what else was made before it, in which
order or in which process.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import MappingProxyType
from typing import Any
from zlib import crc32

from faker import Faker

from pytest_aquadata.factories.untyped import factory

FAKED = MappingProxyType(
    {
        "auth_user": frozenset({"first_name", "last_name"}),
        "broodstock_eggsupplier": frozenset({"contact_details"}),
    }
)
"""Columns by table that hold Faker's words."""


@cache
def _faker() -> Faker:
    return Faker("en_GB")


def word(column: str, key: str, make: Callable[[Faker], str]) -> str:
    """The made-up text of `column` (``table.column``) for the object that `key` names; always the same."""
    fake = _faker()
    fake.seed_instance(crc32(f"{column}:{key}".encode()))
    return make(fake)


def faked(column: str, key: str, make: Callable[[Faker], str]) -> Any:
    """A factory declaration for a column of `FAKED`.

    column: ``table.column``. key: the attribute of the object that tells it from others.
    """
    table, name = column.split(".")
    if name not in FAKED[table]:
        raise KeyError(column)

    def text(maker: Any) -> str:
        return word(column, str(getattr(maker, key)), make)

    return factory.LazyAttribute(text)
