"""Scenarios between the files and the models: one shape, one file over another, values from the command line.

Every value keeps its place through all of it, so that a mistake is reported where it was written: in the file, in the
file that this one extends, or in the option.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_aquadata.scenario.criteria import standard_of
from pytest_aquadata.scenario.names import ALL
from pytest_aquadata.scenario.source import Entry, Mark, Node, Problem

Path = tuple[str | int, ...]
DEFAULT_GEOGRAPHIES = ("Faroe Islands", "Scotland")


def shape(root: Node) -> list[Problem]:
    """Short forms become long ones, in place: a list of criteria a mapping, a geography's name a mapping with it."""
    criteria = root.value.get("criteria")
    problems = _criteria(criteria.node) if criteria and isinstance(criteria.node.value, list) else []
    geographies = root.value.get("geographies")
    if geographies and isinstance(geographies.node.value, list):
        for item in geographies.node.value:
            if isinstance(item.value, str):
                item.value = {"name": Entry(item.mark, Node(item.value, item.mark))}
    return problems


def _criteria(node: Node) -> list[Problem]:
    problems: list[Problem] = []
    named: dict[str, Entry] = {}
    for item in node.value:
        if isinstance(item.value, str):
            name, entry = item.value, Entry(item.mark, Node(None, item.mark))
        elif isinstance(item.value, dict) and len(item.value) == 1:
            name, entry = next(iter(item.value.items()))
        else:
            hint = "indent the bounds further than the name" if isinstance(item.value, dict) else "write a name, or 'name: {min: ...}'"
            problems.append(Problem(item.mark, "a criterion is a name or a name with bounds", hint))
            continue
        if name in named:
            problems.append(Problem(entry.key, f"the criterion '{name}' is here twice", f"first on line {named[name].key.line}"))
        named.setdefault(name, entry)
    node.value, node.fresh = named, True
    return problems


def merge(base: Node, over: Node, at: Path = ()) -> Node:
    """One tree over another: mappings merge, anything else replaces; null takes a key away, false a criterion."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)) or over.fresh:
        return over
    merged: dict[str, Entry] = dict(base.value)
    for key, entry in over.value.items():
        before = base.value.get(key)
        drop = entry.node.value is False if at == ("criteria",) else entry.node.value is None and before is not None
        if drop:
            merged.pop(key, None)
        elif before is not None and not (at == ("criteria",) and entry.node.value is None):
            merged[key] = Entry(entry.key, merge(before.node, entry.node, (*at, key)))
        else:
            merged[key] = entry
    return Node(merged, over.mark, base.fresh)


def settle(root: Node) -> Node:
    """Puts all standard criteria where the word `standard` stands for them, and where only some are switched off (false)."""
    criteria = root.value.get("criteria")
    if criteria is None or not isinstance(criteria.node.value, dict):
        return root
    named = dict(criteria.node.value)
    word = named.pop(ALL, None) if ALL in named and named[ALL].node.value in (None, True) else None
    if word is None and not any(entry.node.value is False for entry in named.values()):
        return root
    mark = criteria.key if word is None else word.key
    # what is said in a list replaces nothing that stands beside it
    criteria = Entry(criteria.key, merge(_all_criteria(root, mark), Node(named, criteria.node.mark), ("criteria",)))
    return Node({**root.value, "criteria": criteria}, root.mark)


def _all_criteria(root: Node, mark: Mark) -> Node:
    profile = root.value.get("profile")
    return Node({name: Entry(mark, Node(None, mark)) for name in standard_of(profile.node.value if profile else None)}, mark)


def _all_geographies(root: Node, mark: Mark) -> Node:
    return Node([Node({"name": Entry(mark, Node(name, mark))}, mark) for name in DEFAULT_GEOGRAPHIES], mark)


def assign(root: Node, steps: Sequence[str], value: Node) -> Problem | None:
    """Puts a value into a tree, in place, as a file over it would. Lists take a number from 0, or a geography's name.

    Criteria and geographies that are not declared are those that hold by default.
    """
    node, mark = root, value.mark
    for depth, step in enumerate(steps[:-1]):
        if isinstance(node.value, list):
            place = _place(node.value, step)
            if place is None:
                return _no_place(steps[:depth], step, node, mark)
            node = node.value[place]
            continue
        if not isinstance(node.value, dict):
            return Problem(mark, f"'{'.'.join(steps[:depth])}' is one value and has no keys")
        before = node.value.get(step)
        if before is None or before.node.value is None:
            start = {"criteria": _all_criteria, "geographies": _all_geographies}.get(step) if node is root else None
            node.value[step] = before = Entry(mark, start(root, mark) if start else Node({}, mark))
        node = before.node
    step = steps[-1]
    if isinstance(node.value, list):
        place = _place(node.value, step)
        if place is None:
            return _no_place(steps[:-1], step, node, mark)
        node.value[place] = value
    elif isinstance(node.value, dict):
        node.value = merge(node, Node({step: Entry(mark, value)}, mark), tuple(steps[:-1])).value
    else:
        return Problem(mark, f"'{'.'.join(steps[:-1])}' is one value and has no keys")
    return None


def _no_place(path: Sequence[str], step: str, node: Node, mark: Mark) -> Problem:
    names = [item.value["name"].node.value if _named(item) else "" for item in node.value]
    entries = ", ".join(f"{place} {name}".strip() for place, name in enumerate(names))
    return Problem(mark, f"'{'.'.join(path)}' has no entry '{step}'", f"its entries: {entries}" if names else "it is empty")


def _named(item: Node) -> bool:
    return isinstance(item.value, dict) and "name" in item.value


def _place(items: list[Node], step: str) -> int | None:
    if step.isdecimal():
        return int(step) if int(step) < len(items) else None
    for place, item in enumerate(items):
        if _named(item) and item.value["name"].node.value == step:
            return place
    return None


def find(root: Node, path: Path) -> tuple[Mark, Mark]:
    """Places of the key and of the value at a path, or of as much of it as there is."""
    key = value = root.mark
    node = root
    for step in path:
        if isinstance(node.value, dict) and step in node.value:
            key, node = node.value[step].key, node.value[step].node
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            key = node.mark
        else:
            break
        value = node.mark
    return key, value


def places(node: Node, at: str = "") -> Iterator[tuple[str, Mark]]:
    """Dotted path and place of every key and list entry."""
    if isinstance(node.value, dict):
        for name, entry in node.value.items():
            yield f"{at}{name}", entry.key
            yield from places(entry.node, f"{at}{name}.")
    elif isinstance(node.value, list):
        for number, item in enumerate(node.value):
            yield f"{at}{number}", item.mark
            yield from places(item, f"{at}{number}.")
