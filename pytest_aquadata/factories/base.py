"""What all factories share: a simulated clock, timestamps that follow it, and foreign keys given by number.

`XFactory.build()` and `XFactory.create()` alone give a valid, believable object with everything it refers to. Nothing
looks at the wall clock. A foreign key can be given as an object (``container=tank``) or as a number
(``container_id=7``); with a number no object is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from factory.django import DjangoModelFactory, DjangoOptions

from pytest_aquadata.factories.bulk import copy_objects, gathering, is_gathering
from pytest_aquadata.factories.fitting import adjusted, fields_of, is_there, table_of
from pytest_aquadata.factories.untyped import factory

CLOCK = datetime(2025, 1, 1, tzinfo=UTC)
"""When a factory's objects are made unless `clock` says otherwise."""


class Absent:
    """What a factory builds of a model that the application does not have; label: the model's."""

    label = ""


class _Options(DjangoOptions):
    """Options of a factory that may be for a model that the application does not have.

    model: the class itself as soon as Django has it, and not its label, since pytest-factoryboy names fixtures after it.
    """

    _named: Any

    @property
    def model(self) -> Any:
        """The model, or a stand-in where there is none; its label until Django is set up."""
        if isinstance(self._named, str) and apps.models_ready:
            label = self._named
            self._named = apps.get_model(label) if is_there(label) else type(label.rpartition(".")[2], (Absent,), {"label": label})
        return self._named

    @model.setter
    def model(self, named: Any) -> None:
        self._named = named


def _without_objects(given: Mapping[str, Any]) -> dict[str, Any]:
    objects = {name.removesuffix("_id"): None for name in given if name.endswith("_id")}
    return {**objects, **given}


class FarmFactory(DjangoModelFactory):  # type: ignore[type-arg]  # generic for type checkers only
    """Base of all factories; `clock` is the moment at which the object is made."""

    _options_class = _Options

    class Meta:
        """No model of its own."""

        abstract = True

    class Params:
        """Values that are no columns."""

        clock = CLOCK

    @classmethod
    def build(cls, **kwargs: Any) -> Any:
        """An object that is not saved; a stand-in where the application has no such model."""
        if absent := cls._absent():
            return absent()
        return super().build(**_without_objects(kwargs))

    @classmethod
    def build_alike(cls, differing: Iterable[Mapping[str, Any]], **common: Any) -> list[Any]:
        """Unsaved objects that differ in the same few values, given for each: the first is built, the others take all else from it.

        For thousands of rows, of which a factory takes ten times as long to work each out. What a declaration would make of a differing
        value is the first one's: give that, too. Columns of an application's own have the model's defaults. Without a model the list has
        one stand-in.
        """
        rows = iter(differing)
        first = next(rows, None)
        if first is None:
            return []
        built = cls.build(**common, **first)
        if isinstance(built, Absent):
            return [built]
        model: Any = type(built)
        values = {field.attname: getattr(built, field.attname) for field in fields_of(table_of(model)).values()}
        return [built, *(model(**values | adjusted(model, row)) for row in rows)]

    @classmethod
    def create(cls, **kwargs: Any) -> Any:
        """An object saved to the database.

        Raises:
            LookupError: the application has no such model.
        """
        if absent := cls._absent():
            raise LookupError(f"the application has no model {absent.label}")
        return super().create(**_without_objects(kwargs))

    @classmethod
    def _absent(cls) -> type[Absent] | None:
        model = cls._meta.get_model_class()  # type: ignore[no-untyped-call]
        return model if isinstance(model, type) and issubclass(model, Absent) else None

    @classmethod
    def _build(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._build(model_class, *args, **adjusted(model_class, kwargs))  # type: ignore[no-untyped-call]

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._create(model_class, *args, **adjusted(model_class, kwargs))  # type: ignore[no-untyped-call]

    @classmethod
    def _adjust_kwargs(cls, **kwargs: Any) -> dict[str, Any]:
        """A number given for a foreign key wins over an object."""
        return {name: value for name, value in kwargs.items() if f"{name}_id" not in kwargs}


class EventFactory(FarmFactory):
    """Base of the factories of what a farm counts by the thousand; ``create_batch`` saves it by COPY.

    What the objects refer to is made as ever, one by one: give it, as in ``create_batch(10_000, assignment=stay)``. No signal is sent for
    the objects themselves and their ``save`` is not called. All is in the caller's transaction.
    """

    class Meta:
        """No model of its own."""

        abstract = True

    @classmethod
    def create_batch(cls, size: int, **kwargs: Any) -> list[Any]:
        """Objects saved by one COPY, with their ids.

        Raises:
            LookupError: the application has no such model. IntegrityError: a constraint refuses a row; then none is written.
        """
        with gathering(cls):
            objects = [cls.create(**kwargs) for _ in range(size)]
        copy_objects(objects, cls._meta.database)  # type: ignore[attr-defined]  # Django's options
        return objects

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        if is_gathering(cls):
            return cls._build(model_class, *args, **kwargs)
        return super()._create(model_class, *args, **kwargs)


class StampedFactory(FarmFactory):
    """Base of the factories of tables with ``created_at`` and ``updated_at``."""

    class Meta:
        """No model of its own."""

        abstract = True

    created_at = factory.SelfAttribute("clock")
    updated_at = factory.SelfAttribute("created_at")


def day(days: int = 0) -> Any:
    """Declares the date `days` days after the clock's."""
    return factory.LazyAttribute(lambda maker: date.fromordinal(maker.clock.toordinal() + days))


def kg(population: int, grams: Decimal) -> Decimal:
    """Biomass of fish, kg with two decimals."""
    return (population * grams / 1000).quantize(Decimal("0.01"))


def related(path: str) -> Any:
    """Declares the attribute of an object that this one refers to; nothing when that object is given by number only."""
    return factory.SelfAttribute(path, default=None)
