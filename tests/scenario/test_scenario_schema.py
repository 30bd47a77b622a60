"""The JSON Schema that editors use is the one of the models, and every key is described."""

from __future__ import annotations

import json
from typing import Any

import pydantic
import pytest

from pytest_aquadata.scenario.load import SHIPPED
from pytest_aquadata.scenario.schema import json_schema, main

SHIPPED_SCHEMA = SHIPPED / "aquadata.schema.json"


def keys(schema: dict[str, Any]) -> dict[str, list[str]]:
    """The keys of every model, whatever the words around them."""
    models = {"": schema, **schema["$defs"]}
    return {name: sorted(model.get("properties", {})) for name, model in models.items()}


def test_the_shipped_schema_has_the_keys_of_the_models() -> None:
    assert keys(json.loads(SHIPPED_SCHEMA.read_text(encoding="utf-8"))) == keys(json_schema())


@pytest.mark.skipif(tuple(map(int, pydantic.VERSION.split(".")[:2])) < (2, 11), reason="older pydantic words some schemas differently")
def test_the_shipped_schema_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    assert capsys.readouterr().out == SHIPPED_SCHEMA.read_text(encoding="utf-8")


def test_every_key_is_described() -> None:
    schema = json_schema()
    models = {"scenario": schema, **{name: model for name, model in schema["$defs"].items() if name != "IntRange"}}
    bare = [f"{name}.{key}" for name, model in models.items() for key, value in model["properties"].items() if "description" not in value]
    assert bare == []


def test_places_in_files_are_no_keys() -> None:
    assert not {"source", "lines", "text", "spec"} & set(json_schema()["properties"])
    assert "required" not in json_schema()
