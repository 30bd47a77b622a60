"""Mistakes in a scenario as the user reads them: `file:line:column: what`, and below it what would be right.

Pydantic finds where a value is wrong; the words are ours, and the place is the one in the YAML.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.scenario.faults import Fault, Faults, Path
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.source import Mark, Node, Problem
from pytest_aquadata.scenario.suggest import closest
from pytest_aquadata.scenario.tree import find
from pytest_aquadata.scenario.units import Wrong, show


class ScenarioError(AquadataError):
    """All that is wrong with a scenario; its text is final, at most two lines for each mistake."""

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        if isinstance(problems, str):
            super().__init__(problems)
        else:
            super().__init__("\n".join(dict.fromkeys(str(problem) for problem in problems)))


_SAYS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("{value} is less than {ge}", ""),
    "greater_than": ("{value} is not more than {gt}", ""),
    "less_than_equal": ("{value} is more than {le}", ""),
    "less_than": ("{value} is too large", ""),
    "too_short": ("is empty", "leave it out, or give at least one"),
    "too_long": ("has {actual_length} entries, at most {max_length}", ""),
    "string_too_short": ("is empty", ""),
    "string_too_long": ("is longer than {max_length} characters", ""),
    "literal_error": ("{value} is not {expected}", ""),
}
_KINDS = (
    (("int_", "int"), "is not a whole number"),
    (("float_", "finite_number"), "is not a number"),
    (("bool_",), "is not true or false"),
    (("string_type", "string_sub_type"), "is not text"),
    (("tuple_type", "list_type"), "is not a list"),
    (("dict_type", "model_type", "model_attributes_type", "mapping_type"), "is not a mapping of keys"),
)
_PATTERNS = {
    "name": "lower-case letters, digits, - and _, a letter or digit first",
    "currency": "three capital letters, like EUR",
    "letter": "letters and digits",
}


def _model_at(path: Path) -> type[BaseModel] | None:
    """The model whose keys stand at a path of a scenario."""
    kind: Any = Scenario
    for step in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if step not in kind.model_fields:
                return None
            kind = kind.model_fields[str(step)].annotation
        else:
            inner = [arg for arg in typing.get_args(kind) if arg is not Ellipsis]
            kind = inner[-1] if inner else None
        kind = _bare(kind)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _bare(kind: Any) -> Any:
    """An annotation without `| None` and without `Annotated`."""
    while typing.get_origin(kind) in (typing.Union, types.UnionType, typing.Annotated):
        kind = next(arg for arg in typing.get_args(kind) if arg is not type(None))
    return kind


def keys_at(path: Path) -> list[str]:
    """The keys that may stand at a path of a scenario; [] where there are none."""
    model = _model_at(path)
    return [*(model.model_fields if model else ()), *(() if path else ("extends",))]


def _words(error: Mapping[str, Any], name: str) -> tuple[str, str]:
    """Message and hint for one pydantic error at a value."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, Wrong):
        return f"{name}: {cause}", cause.hint
    if value is None:
        return (f"an entry of '{name}' has no value" if isinstance(error["loc"][-1], int) else f"'{name}' has no value"), ""
    shown = "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list | tuple) else show(value)
    if kind in _SAYS:
        message, hint = (
            part.format(value=shown, **{k: f"{v:g}" if isinstance(v, float) else v for k, v in context.items()}) for part in _SAYS[kind]
        )
        return f"{name}: {message}", hint
    if kind == "string_pattern_mismatch":
        return f"{name}: {shown} is not allowed", _PATTERNS.get(name, "")
    for kinds, message in _KINDS:
        if kind.startswith(kinds):
            return f"{name}: {shown} {message}", "put it in quotes" if message == "is not text" and shown not in (
                "a list",
                "a mapping",
            ) else ""
    return f"{name}: {error['msg']}", ""


def problems_of(error: ValidationError, root: Node) -> Iterator[tuple[Path, Problem | Fault]]:
    """What pydantic found: the path of each mistake and the mistake, placed in the tree; rules stay faults."""
    details = error.errors(include_url=False)
    paths = [tuple(detail["loc"]) for detail in details]
    for detail, path in zip(details, paths, strict=True):
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, Faults):
            yield from ((fault.path, fault) for fault in cause.faults)
            continue
        if detail["type"] == "too_short" and any(len(other) > len(path) and other[: len(path)] == path for other in paths):
            continue  # counts the good entries only, and the bad ones are reported by themselves
        key, value = find(root, path)
        if detail["type"] == "extra_forbidden":
            yield (
                path,
                Problem(key, f"unknown key '{path[-1]}'", closest(str(path[-1]), keys_at(path[:-1]), "the keys are")),
            )
        elif detail["type"] == "missing":
            yield path, Problem(key, f"'{path[-1]}' is missing")
        else:
            name = next((step for step in reversed(path) if isinstance(step, str)), "the scenario")
            yield path, Problem(value, *_words(detail, name))


def placed(fault: Fault, root: Node, ranks: Mapping[str, int]) -> Problem:
    """A broken rule in the tree; of two keys that exclude each other the one written over the other is reported.

    ranks: 0 for a file that is extended, 1 for the file itself, 2 for the command line, by the name of the mark.
    """
    key, value = find(root, fault.path)
    if fault.against is None:
        return Problem(key if fault.key else value, fault.message, fault.hint)
    other = find(root, fault.against)[0]
    if key.file == other.file:
        return Problem(key, fault.message, fault.hint)
    late, early, dropped = key, other, fault.against
    if ranks.get(other.file, 0) > ranks.get(key.file, 0):
        late, early, dropped = other, key, fault.path
    drop = f"{'.'.join(map(str, dropped))}=" if ranks.get(late.file, 0) == 2 else f"{dropped[-1]}: null"
    return Problem(late, fault.message, f"'{dropped[-1]}' is from {_short(early)}; '{drop}' drops it")


def _short(mark: Mark) -> str:
    return f"{mark.file}:{mark.line}" if mark.line else mark.file
