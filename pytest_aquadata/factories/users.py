"""Factories of the users and of what Django itself brings along."""

from __future__ import annotations

from django.conf import settings

from pytest_aquadata.factories.base import FarmFactory
from pytest_aquadata.factories.faked import faked
from pytest_aquadata.factories.untyped import factory
from pytest_aquadata.plan import masterdata

_PEOPLE = masterdata.document("people")


class UserFactory(FarmFactory):
    """A user who cannot log in; asking for a username that exists gives that user."""

    class Meta:
        """The application's user."""

        model = settings.AUTH_USER_MODEL
        django_get_or_create = ("username",)

    username = factory.Sequence(lambda n: f"user_{n + 1:03d}")
    first_name = faked("auth_user.first_name", "username", lambda fake: str(fake.first_name()))
    last_name = faked("auth_user.last_name", "username", lambda fake: str(fake.last_name()))
    email = factory.LazyAttribute(lambda user: f"{user.username}@{_PEOPLE['email_domain']}")
    password = _PEOPLE["password"]
    is_staff = False
    is_superuser = False
    is_active = True
    date_joined = factory.SelfAttribute("clock")


class ContentTypeFactory(FarmFactory):
    """A content type; by default that of harvest events, which every migrated database has."""

    class Meta:
        """Django's own content types."""

        model = "contenttypes.ContentType"
        django_get_or_create = ("app_label", "model")

    app_label = "harvest"
    model = "harvestevent"
