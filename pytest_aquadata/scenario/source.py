"""YAML with its places: every key and value knows its file, line and column.

Reads the plain part of YAML that configuration needs: no tags but the standard scalar ones, no duplicate keys, no
documents beside the first. A plain word is a number, true, false or null exactly where YAML 1.2 says so: 06:00 and
14:00 stay text, and so do yes and 010.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml

from pytest_aquadata.scenario.units import show

_LARGEST = 20_000
"""Values in one file, aliases counted as often as they are used."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place: the file as messages name it, line and column from 1; line 0 for what is not in a file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake of the user's: where, what, and what would be right (may be empty)."""

    mark: Mark
    message: str
    hint: str = ""

    def __str__(self) -> str:
        first = f"{self.mark}: {self.message}"
        return f"{first}\n    {self.hint}" if self.hint else first


@dataclass(slots=True)
class Node:
    """A value and its place: a scalar, a list of nodes or entries by key. A `fresh` one does not merge, it replaces."""

    value: Any
    mark: Mark
    fresh: bool = False

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: entry.node.plain() for key, entry in self.value.items()}
        return [item.plain() for item in self.value] if isinstance(self.value, list) else self.value


@dataclass(slots=True)
class Entry:
    """A key's place and its value."""

    key: Mark
    node: Node


class _Loader(yaml.SafeLoader):
    """The safe loader with the words of YAML 1.2."""


_Loader.yaml_implicit_resolvers = {}
_TAG = "tag:yaml.org,2002:"
_Loader.add_implicit_resolver(_TAG + "bool", re.compile(r"(true|True|TRUE|false|False|FALSE)\Z"), list("tTfF"))
_Loader.add_implicit_resolver(_TAG + "null", re.compile(r"(~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(_TAG + "int", re.compile(r"[-+]?(0|[1-9][0-9_]*)\Z"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    _TAG + "float",
    re.compile(r"[-+]?(\.[0-9]+|[0-9][0-9_]*\.[0-9]*|[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+)\Z"),
    list("-+.0123456789"),
)

_PLAINER = (
    (r"found character '\\t'.*", "a tab", "YAML is indented with spaces"),
    (
        r"mapping values are not allowed here",
        "a ':' is not allowed here",
        "check the indentation, or put the value in quotes",
    ),
    (r"could not find expected ':'", "a ':' is missing here or on the line before", "a key is written 'key: value'"),
    (r"expected <block end>, but found .*", "this does not fit the lines above", "check the indentation"),
    (r"expected ',' or '(.)', but got .*", r"a ',' or '\1' is missing", ""),
    (
        r"expected a single document.*|but found another document",
        "a second document",
        "one file holds one scenario: remove the '---'",
    ),
    (r"found undefined alias '?(.*?)'?", r"unknown alias '*\1'", ""),
    (r"expected the node content, but found .*", "a value is missing here", "close every bracket, brace and quote"),
    (r"found unexpected end of stream", "a quote is not closed", ""),
)


def _syntax(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """A YAML error in a line."""
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        mark = Mark(file, before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
        return Problem(mark, f"the character U+{ord(text[error.position]):04X} is not allowed")
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem(Mark(file, 1, 1), "not YAML")
    where = error.problem_mark or error.context_mark
    mark = Mark(file, where.line + 1, where.column + 1) if where else Mark(file, 1, 1)
    problem = error.problem or "not YAML"
    for pattern, message, hint in _PLAINER:
        match = re.fullmatch(pattern, problem)
        if match:
            return Problem(mark, match.expand(message), hint)
    return Problem(mark, f"not YAML: {problem}")


@dataclass
class _Reader:
    """Turns composed YAML into nodes and collects what is wrong on the way."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    above: list[int] = field(default_factory=list)
    count: int = 0
    endless: bool = False

    def mark(self, node: yaml.Node) -> Mark:
        return Mark(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def problem(self, node: yaml.Node, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.mark(node), message, hint))

    def read(self, node: yaml.Node) -> Node:
        mark = self.mark(node)
        self.count += 1
        if id(node) in self.above or self.count > _LARGEST:
            if not any(problem.mark == mark for problem in self.problems):
                self.problem(node, "an alias to itself" if id(node) in self.above else f"more than {_LARGEST} values")
                self.endless = True
            return Node(None, mark)
        self.above.append(id(node))
        value: Any
        if isinstance(node, yaml.MappingNode):
            value = self._mapping(node)
        elif isinstance(node, yaml.SequenceNode):
            value = [self.read(item) for item in node.value if self.count <= _LARGEST]
        else:
            value = self._scalar(node)
        if isinstance(node, yaml.CollectionNode) and node.tag not in (_TAG + "map", _TAG + "seq"):
            self._unknown_tag(node)
        self.above.pop()
        return Node(value, mark)

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Entry]:
        result: dict[str, Entry] = {}
        for key, value in node.value:
            if self.count > _LARGEST:
                break
            if not isinstance(key, yaml.ScalarNode):
                self.problem(key, "a key that is not a word", "put text with braces or brackets in quotes")
                continue
            if key.value in result:
                self.problem(key, f"the key '{key.value}' is here twice", f"first on line {result[key.value].key.line}")
                continue
            result[key.value] = Entry(self.mark(key), self.read(value))
        return result

    def _scalar(self, node: yaml.Node) -> Any:
        text, kind = node.value, node.tag.removeprefix(_TAG)
        digits = text.replace("_", "")
        try:
            match kind:
                case "str":
                    return text
                case "null":
                    return None
                case "bool":
                    return {"true": True, "false": False}[text.lower()]
                case "int":
                    return int(digits)
                case "float":
                    return float(digits)
        except (ValueError, KeyError):
            self.problem(node, f"{show(text)} is not a YAML {kind}")
            return None
        self._unknown_tag(node)
        return text

    def _unknown_tag(self, node: yaml.Node) -> None:
        tag = node.tag.replace(_TAG, "!!")
        self.problem(node, f"unknown tag '{tag}'", "a scenario is plain data: leave the tag out")


class Unreadable(Exception):
    """A text that is not one YAML document of plain data."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__("unreadable")
        self.problems = list(problems)


def parse(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """The document in a text (None when it is empty), and mistakes that do not keep the rest from being read.

    Raises:
        Unreadable: it is not YAML, or without end.
    """
    reader = _Reader(file)
    try:
        loader = _Loader(text)
        try:
            document = loader.get_single_node()
        finally:
            loader.dispose()
        root = None if document is None else reader.read(document)
    except yaml.YAMLError as error:
        raise Unreadable([_syntax(error, text, file)]) from None
    except RecursionError:
        raise Unreadable([Problem(Mark(file, 1, 1), "nested too deeply")]) from None
    if reader.endless:
        raise Unreadable(reader.problems)
    return root, reader.problems


def decode(data: bytes, file: str) -> str:
    """The text of a file in UTF-8, a byte order mark left out.

    Raises:
        Unreadable: it is in another encoding.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        mark = Mark(file, before.count(b"\n") + 1, column)
        raise Unreadable([Problem(mark, f"the byte 0x{data[error.start]:02X} is not UTF-8", "save the file as UTF-8")]) from None
