"""Finds and reads scenarios: from a name or path to a complete `Scenario`, or one error with all that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pytest_aquadata.scenario import tree
from pytest_aquadata.scenario.errors import ScenarioError
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.source import Entry, Mark, Node, Problem, Unreadable, decode, parse
from pytest_aquadata.scenario.suggest import closest
from pytest_aquadata.scenario.units import show
from pytest_aquadata.scenario.validate import validate

SHIPPED = Path(__file__).resolve().parent.parent / "scenarios"
"""The scenarios that come with the package."""

_ENDINGS = (".yaml", ".yml")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def _is_path(text: str) -> bool:
    return "/" in text or "\\" in text or text.lower().endswith(_ENDINGS)


def _in_folder(folder: Path, name: str) -> Path | None:
    return next((file for ending in _ENDINGS if (file := folder / f"{name}{ending}").is_file()), None)


def _names(folder: Path) -> list[str]:
    return sorted(file.stem for file in folder.iterdir() if file.suffix in _ENDINGS) if folder.is_dir() else []


def find_scenario(name_or_path: str, project: Path) -> Path:
    """The file of a path (it has a separator or ends in .yaml) or of a name, in `project`/scenarios or shipped.

    A relative path is looked for from the current folder, then from `project`. Links are not resolved: the answer is
    the user's own path.

    Raises:
        ScenarioError: there is none; says which there are.
    """
    if _is_path(name_or_path):
        path = Path(name_or_path).expanduser()
        for file in (Path.cwd() / path, project / path):
            if file.is_file():
                return file
        if (project / path).is_dir() or path.is_dir():
            raise ScenarioError(f"{name_or_path} is a folder, not a scenario file")
        near = [str(path.with_name(file.name)) for file in _siblings(project / path)]
        hint = closest(name_or_path, near)
        raise ScenarioError(f"there is no file {name_or_path}" + (f"\n    {hint}" if hint else ""))
    folders = (project / "scenarios", SHIPPED)
    if _NAME.fullmatch(name_or_path):
        for folder in folders:
            found = _in_folder(folder, name_or_path)
            if found:
                return found
    known = sorted({name for folder in folders for name in _names(folder)})
    hint = closest(name_or_path, known)
    everything = "" if hint.startswith("there are") else f" There are: {', '.join(known)}"
    raise ScenarioError(f"there is no scenario {show(name_or_path)}\n    {hint}{everything}")


def _siblings(path: Path) -> Iterator[Path]:
    if path.parent.is_dir():
        yield from sorted(file for file in path.parent.iterdir() if file.suffix in _ENDINGS)


@dataclass
class _Files:
    """Reads a file and all it extends; remembers what is wrong on the way."""

    root: Path
    fatal: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    extends_line: int = 1

    def label(self, path: Path) -> str:
        absolute = path if path.is_absolute() else Path.cwd() / path
        for folder in (self.root, self.root.resolve()):
            if absolute.is_relative_to(folder):
                return absolute.relative_to(folder).as_posix()
        return str(path)

    def read(self, path: Path, chain: tuple[Path, ...] = ()) -> Node:
        """The tree of a file, over that of the file it extends."""
        label = self.label(path)
        empty = Node({}, Mark(label, 1, 1))
        try:
            text = decode(path.read_bytes(), label)
            self.texts.append(text)
            node, problems = parse(text, label)
        except Unreadable as error:
            self.fatal += error.problems
            return empty
        except OSError as error:
            self.fatal.append(Problem(Mark(label), f"cannot be read: {error.strerror or error}"))
            return empty
        self.problems += problems
        if node is None:
            self.fatal.append(Problem(empty.mark, "the file is empty", "a scenario is a mapping of keys, e.g. batches: 1"))
            return empty
        if not isinstance(node.value, dict):
            what = "a list" if isinstance(node.value, list) else "one value"
            self.fatal.append(Problem(node.mark, f"{what} where a scenario's keys belong", "e.g. batches: 1"))
            return empty
        self.problems += tree.shape(node)
        extends: Entry | None = node.value.pop("extends", None)
        if extends is None:
            return node
        if not chain:
            self.extends_line = extends.key.line
        base = self._base(extends.node, path, (*chain, path))
        if base is not None:
            node = tree.merge(self._unnamed(self.read(base, (*chain, path))), node)
        return node

    @staticmethod
    def _unnamed(base: Node) -> Node:
        """The name and the description of what is extended stay its own: a name is part of a database's name."""
        for key in ("name", "description"):
            base.value.pop(key, None)
        return base

    def _base(self, named: Node, path: Path, chain: tuple[Path, ...]) -> Path | None:
        word = named.value
        if not isinstance(word, str) or not word.strip():
            self.fatal.append(Problem(named.mark, "extends: not a scenario", "the name of one, or a path from this file"))
            return None
        if _is_path(word):
            found: Path | None = path.parent / word
            found = found if found and found.is_file() else None
            known = [file.name for file in _siblings(path) if file.name != path.name]
        else:
            beside = _in_folder(path.parent, word) if _NAME.fullmatch(word) else None
            found = beside if beside and beside.resolve() != path.resolve() else _in_folder(SHIPPED, word) or beside
            known = sorted({*_names(path.parent), *_names(SHIPPED)} - {path.stem})
        if found is None:
            self.fatal.append(Problem(named.mark, f"extends: there is no scenario {show(word)}", closest(word, known)))
            return None
        if found.resolve() in [file.resolve() for file in chain]:
            circle = " -> ".join(self.label(file) for file in (*chain, found))
            self.fatal.append(Problem(named.mark, "extends: in a circle", circle))
            return None
        return found


def _override(root: Node, text: str) -> Iterator[Problem]:
    """Puts 'path=value' of the command line into the tree."""
    shown = text if len(text) <= 60 else text[:57] + "..."
    mark = Mark(f"--aquadata-set {shown}")
    path, equals, written = text.partition("=")
    steps = [step.strip() for step in path.strip().split(".")]
    if not equals or not all(steps):
        yield Problem(mark, "not a setting", "write it like stagger=11, geographies.0.batches=3 or 'criteria.survival.min=80 %'")
        return
    if steps[0] == "extends":
        yield Problem(mark, "what a scenario extends is said in its file")
        return
    try:
        value, problems = parse(written, mark.file)
    except Unreadable as error:
        yield from (Problem(mark, problem.message, problem.hint) for problem in error.problems)
        return
    yield from (Problem(mark, problem.message, problem.hint) for problem in problems)
    problem = tree.assign(root, steps, _at(value or Node(None, mark), mark))
    if problem:
        yield problem
    yield from tree.shape(root)


def _at(node: Node, mark: Mark) -> Node:
    """The same tree with one place for everything in it."""
    if isinstance(node.value, dict):
        return Node({key: Entry(mark, _at(entry.node, mark)) for key, entry in node.value.items()}, mark)
    return Node([_at(item, mark) for item in node.value] if isinstance(node.value, list) else node.value, mark)


@dataclass(slots=True)
class _Composed:
    """What files and options say together, before it is checked. lines: in the file itself, by dotted path."""

    files: _Files
    node: Node
    problems: list[Problem]
    lines: dict[str, int]


def _compose(path: Path, overrides: Sequence[str], root: Path | None) -> _Composed:
    files = _Files(root or Path.cwd())
    node = files.read(path)
    if files.fatal:
        raise ScenarioError([*files.fatal, *files.problems])
    label = files.label(path)
    lines = {at: mark.line if mark.file == label else files.extends_line for at, mark in tree.places(node)}
    # the profile before anything else, since what all standard criteria are follows from it
    ordered = sorted(overrides, key=lambda text: text.partition("=")[0].strip() != "profile")
    problems = files.problems + [problem for text in ordered for problem in _override(node, text)]
    return _Composed(files, tree.settle(node), problems, lines)


def origins(path: Path, overrides: Sequence[str] = (), *, root: Path | None = None) -> dict[str, str]:
    """Where every key was written, by its dotted path: 'file:line', or the option of the command line.

    Raises:
        ScenarioError: a file cannot be read.
    """
    composed = _compose(path, overrides, root)
    own = composed.files.label(path)
    return {
        at: f"{mark.file}:{mark.line}{'' if mark.file == own else ', extended'}" if mark.line else mark.file
        for at, mark in tree.places(composed.node)
    }


def scenario_of(values: Mapping[str, Any], label: str) -> Scenario:
    """The scenario of plain values, as a file would have them; label: what messages call their place.

    Raises:
        ScenarioError: with everything that is wrong.
    """
    scenario, wrong = validate(_tree(values, Mark(label)), date.today(), {label: 1})
    if scenario is None or wrong:
        raise ScenarioError(wrong)
    return scenario


def _tree(value: Any, mark: Mark) -> Node:
    if isinstance(value, Mapping):
        return Node({str(key): Entry(mark, _tree(inner, mark)) for key, inner in value.items()}, mark)
    return Node([_tree(inner, mark) for inner in value] if isinstance(value, list | tuple) else value, mark)


def load_scenario(path: Path, overrides: Sequence[str] = (), *, today: date, root: Path | None = None) -> Scenario:
    """The scenario in a file, with values from the command line ('stagger=11 days', 'geographies.0.batches=3') over it.

    today: the day that `as_of: today` stands for. root: messages name files relative to it.

    Raises:
        ScenarioError: with everything that is wrong, each at its place.
    """
    composed = _compose(path, overrides, root)
    files, node, problems, lines = composed.files, composed.node, composed.problems, composed.lines
    label = files.label(path)
    stem = re.sub(r"[^a-z0-9_]+", "-", path.stem.lower()).strip("-_")[:40]
    node.value.setdefault("name", Entry(node.mark, Node(stem, node.mark)))
    node.value.setdefault("as_of", Entry(node.mark, Node("today", node.mark)))
    ranks = {label: 1} | {mark.file: 2 for _, mark in tree.places(node) if not mark.line}
    scenario, wrong = validate(node, today, ranks)
    known = {problem.mark for problem in problems if problem.mark.line}
    problems += [problem for problem in wrong if problem.mark not in known]
    if problems or scenario is None:
        raise ScenarioError(sorted(problems, key=lambda p: (-ranks.get(p.mark.file, 0), p.mark.file, p.mark.line, p.mark.column)))
    return scenario.located(path, files.texts[0], lines)
