"""Streams and criteria of other packages: found by their entry points, used where a scenario names them.

A package declares ``[project.entry-points."pytest_aquadata.streams"]`` or ``….criteria``, ``name = "module:object"``. The name is the one
that a scenario writes. A package that is installed changes no row of a farm that does not name it, and one that cannot be loaded is only
said to be so to whoever names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distribution, entry_points
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from pytest_aquadata import __version__
from pytest_aquadata.errors import AquadataError

STREAMS, CRITERIA = "pytest_aquadata.streams", "pytest_aquadata.criteria"
"""Groups of entry points."""

_WHAT = {STREAMS: "stream", CRITERIA: "criterion"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_OURS = "pytest-aquadata"


@dataclass(frozen=True, slots=True)
class Extension:
    """One entry point. package: the distribution's name and version, as messages have it."""

    group: str
    name: str
    package: str
    point: EntryPoint

    @property
    def label(self) -> str:
        """As messages have it: 'stream oxygen_alarms of acme-alarms 1.2'."""
        return f"{_WHAT[self.group]} '{self.name}' of {self.package}"

    def load(self, *has: str) -> Any:
        """What the entry point names; a class is called.

        has: attributes that it must have.

        Raises:
            AquadataError: it was made for another version of this package, cannot be imported, or is something else.
        """
        _refuse_versions(self)
        try:
            found = self.point.load()
            loaded = found() if isinstance(found, type) else found
        except Exception as error:  # whatever another's module raises
            said = " ".join(str(error).split())
            raise AquadataError(f"{self.label} cannot be loaded: {type(error).__name__}: {said}\n    {self._advice}") from None
        if missing := [name for name in has if not hasattr(loaded, name)]:
            raise AquadataError(f"{self.label} has no {', '.join(missing)} ({self.point.value})\n    {self._advice}")
        if loaded.name != self.name:
            raise AquadataError(f"{self.label} calls itself '{loaded.name}'\n    its entry point and its name are to be the same")
        return loaded

    @property
    def _advice(self) -> str:
        return f"another version of {self.package.split()[0]} may help; without it, leave '{self.name}' out of the scenario"


@cache
def extensions(group: str) -> dict[str, Extension]:
    """The entry points of a group by name.

    Raises:
        AquadataError: a name that is none, or that two packages have.
    """
    found: dict[str, Extension] = {}
    for point in sorted(entry_points(group=group), key=lambda each: (each.name, each.value)):
        extension = Extension(group, point.name, _package(point.dist), point)
        if not _NAME.fullmatch(point.name):
            raise AquadataError(f"{extension.label}: not a name\n    lower-case letters, digits and _, a letter first")
        if (other := found.get(point.name)) is not None and other.point != point:
            raise AquadataError(
                f"{_WHAT[group]} '{point.name}' is in two packages: {other.package} and {extension.package}\n    uninstall one of them"
            )
        found[point.name] = extension
    return found


def refuse_names(group: str, ours: Iterable[str]) -> None:
    """Refuse packages that use names of this one.

    Raises:
        AquadataError: which, and of which package.
    """
    for name in sorted(set(ours) & set(extensions(group))):
        label = extensions(group)[name].label
        raise AquadataError(f"{label} has the name of one of ours\n    uninstall that package, or have its makers choose another name")


def _package(found: Distribution | None) -> str:
    return f"{found.name} {found.version}" if found is not None else "a package without metadata"


def _refuse_versions(extension: Extension) -> None:
    """Hold what a package requires of this one against what is here: pip warns of it once, and goes on."""
    for line in (extension.point.dist.requires if extension.point.dist else None) or ():
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        here = _version(wanted.name)
        if here is not None and not wanted.specifier.contains(here, prereleases=True):
            raise AquadataError(
                f"{extension.label} needs {wanted.name}{wanted.specifier}, and {wanted.name} {here} is installed\n"
                "    pip check lists what does not go together"
            )


def _version(name: str) -> str | None:
    """The version that is installed; our own as the code has it. None for what is missing, which importing will say better."""
    if name.lower().replace("_", "-") == _OURS:
        return __version__
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return None
