"""What a session leaves for machines: its document as JSON, a Markdown summary, a saved build, and a comparison with an earlier one.

Whatever is wrong with the options is said before the first item; a file that cannot be written at the end fails the session.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pytest_aquadata import measured
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.files import write_whole
from pytest_aquadata.markdown import markdown
from pytest_aquadata.options import Options
from pytest_aquadata.report.page import refuse_without_plots

_SAVED = ("format", "time", "scenario", "fingerprint", "digest", "figures", "commit", "machine", "versions")
"""What of a document a saved build keeps."""


class Outputs:
    """The files that a session was asked for.

    Raises:
        AquadataError: a file cannot be written, what is to be compared with cannot be read, or an expression is none.
    """

    def __init__(self, options: Options) -> None:
        self._files = {"json": options.json, "save": options.save, "summary": options.summary, "html": options.html}
        if options.html:
            refuse_without_plots()
        for name, file in self._files.items():
            if file and (Path(file).is_dir() or not Path(file).absolute().parent.is_dir()):
                why = "is a folder" if Path(file).is_dir() else "lies in no folder that is there"
                raise AquadataError(f"--aquadata-{name}: {file} {why}")
        self._limits = [measured.limit(text) for text in options.compare_fail]
        if self._limits and not options.compare:
            raise AquadataError("--aquadata-compare-fail needs a saved build to compare with: --aquadata-compare=FILE")
        self._against = options.compare
        self._before = _read(Path(options.compare)) if options.compare else None

    @property
    def wanted(self) -> bool:
        """Whether anything was asked for."""
        return any(self._files.values()) or self._before is not None

    def write(self, document: Mapping[str, Any], report: Callable[[], str]) -> tuple[list[str], list[str]]:
        """Compare, and write the files; returns lines for the end of the run, and what went wrong. report: makes the page."""
        lines, wrong = self._compared(document)
        texts: dict[str, Callable[[], str]] = {
            "json": lambda: json.dumps(document, indent=2, ensure_ascii=False) + "\n",
            "save": lambda: json.dumps({key: document[key] for key in _SAVED}, indent=2, ensure_ascii=False) + "\n",
            "summary": lambda: markdown(document, [*lines, *wrong]),
            "html": report,
        }
        for name, make in texts.items():
            if file := self._files[name]:
                text = make()
                try:
                    if name == "summary":
                        # a CI job's summary is one file for all steps
                        with Path(file).open("a", encoding="utf-8") as stream:
                            stream.write(text)
                    else:
                        write_whole(Path(file).absolute(), text)
                except OSError as error:
                    wrong.append(f"--aquadata-{name}: {file} could not be written: {error.strerror}")
        return lines, wrong

    def _compared(self, now: Mapping[str, Any]) -> tuple[list[str], list[str]]:
        before = self._before
        if before is None:
            return [], []
        lines = [f"compared with {self._against}, {before['time']}, commit {(before['commit'] or 'unknown')[:12]}"]
        for what, old, new in (
            ("scenarios", _rows_of(before["scenario"]), _rows_of(now["scenario"])),
            ("machines", before["machine"], now["machine"]),
        ):
            if differing := [key for key in old | new if old.get(key) != new.get(key)]:
                shown = "; ".join(f"{key}: {_short(old.get(key))}, now {_short(new.get(key))}" for key in differing)
                lines.append(f"warning: the {what} differ: {shown}")
        lines += measured.compared(before["figures"], now["figures"])
        return lines, measured.broken(self._limits, before["figures"], now["figures"])


def _read(path: Path) -> dict[str, Any]:
    """A saved build, or the document of one."""
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AquadataError(f"--aquadata-compare: {path} cannot be read: {error.strerror}") from None
    except ValueError:
        saved = None
    if not isinstance(saved, dict) or not set(_SAVED) <= saved.keys():
        raise AquadataError(f"--aquadata-compare: {path} holds no build\n    write one with --aquadata-save=FILE")
    return saved


def _rows_of(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """What of a scenario decides its rows: criteria and description do not."""
    return {key: value for key, value in scenario["resolved"].items() if key not in ("criteria", "description")}


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 40 else text[:39] + "…"
