"""`data/tables.yaml` is what the models of the reference farm say."""

from __future__ import annotations

from importlib import resources

from pytest_aquadata.farm import setup


def test_the_file_is_the_models(server_url: str) -> None:
    setup.configure(server_url)
    from django.apps import apps

    from pytest_aquadata.farm.tables import text_of

    assert (resources.files("pytest_aquadata") / "data" / "tables.yaml").read_text(encoding="utf-8") == text_of(apps.get_models())
