"""What a user can set, and where: command line before environment before ini file.

`TABLE` is the one list of options; the parser, the precedence and the table in the documentation are made from it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    name: after ``--aquadata-`` (empty for ``--aquadata`` itself). many: may be given more than once. flag: takes no value.
    env, ini: names there, empty where there is none.
    """

    name: str
    help: str
    metavar: str = ""
    many: bool = False
    flag: bool = False
    env: str = ""
    ini: str = ""

    @property
    def argument(self) -> str:
        """As on the command line."""
        return f"--aquadata-{self.name}" if self.name else "--aquadata"

    @property
    def dest(self) -> str:
        """As an attribute of pytest's options."""
        return self.argument.lstrip("-").replace("-", "_")


TABLE: tuple[Option, ...] = (
    Option("", "plan, build and verify a scenario: a name (scenarios/ of the project, then those of the package) or a path", "SCENARIO"),
    Option(
        "database",
        "build on a PostgreSQL of your own instead of the embedded one",
        "URL",
        env="AQUADATA_DATABASE",
        ini="aquadata_database",
    ),
    Option(
        "home",
        "folder of the embedded PostgreSQL and its databases",
        "FOLDER",
        env="AQUADATA_HOME",
        ini="aquadata_home",
    ),
    Option("engine", "who hands out the batches: xdist (-n), the default, or dask, for more than one machine (docs/dask.md)", "NAME"),
    Option("dask", "its cluster: tcp://… of a scheduler, or local:N processes here; without it Dask's configuration decides", "CLUSTER"),
    Option("connections", "builders of a Dask cluster that may be connected to the server at once; without it, as many as it allows", "N"),
    Option(
        "to",
        "write a Parquet data set there instead of a database: parquet:FOLDER, or parquet: and what fsspec opens, as s3://bucket/folder",
        "PLACE",
        env="AQUADATA_TO",
        ini="aquadata_to",
    ),
    Option("set", "override a value of the scenario, e.g. geographies.0.batches=3; may be repeated", "PATH=VALUE", many=True),
    Option("batch", "delete this batch and build it again, and no other; may be repeated", "NAME", many=True),
    Option(
        "sample",
        "build no more than a sample, batches chosen by key: a share, like 1%, or how many",
        "SIZE",
    ),
    Option(
        "log-dir",
        "write a log of each batch there, batch_NAME.log: rows, seconds and digest by table, or why it failed",
        "FOLDER",
        env="AQUADATA_LOG_DIR",
        ini="aquadata_log_dir",
    ),
    Option("json", "write what the session found and did there, as JSON (docs/machines.md)", "FILE"),
    Option("summary", "append a summary in Markdown to this file, for the page of a CI job", "FILE", env="GITHUB_STEP_SUMMARY"),
    Option("html", "write a report of the farm, one HTML file with all figures in it; needs the report extra", "FILE"),
    Option("save", "keep the build's figures there (times, rows a second, size, digest), with machine and commit", "FILE"),
    Option("compare", "compare the build's figures with those that --aquadata-save kept", "FILE"),
    Option(
        "compare-fail",
        "fail if a figure is worse than the kept one by more than this, e.g. build:20%, size:50%, digest; may be repeated",
        "FIGURE:MORE",
        many=True,
    ),
    Option("create", "build from nothing, also where the database holds the finished run", flag=True),
    Option("wipe", "remove what the scenario built, or with --aquadata-batch these batches of it, then stop; asks nothing", flag=True),
    Option("repair", "put back the indexes and keys that a run which died left aside, then stop; builds nothing", flag=True),
    Option("drop-templates", "drop the farms kept on the application's server for tests, those of all projects, then stop", flag=True),
    Option("init", "write a new, commented scenario into scenarios/ of the project, then stop; overwrites nothing", "NAME"),
    Option("explain", "print the scenario with every value that holds and where it comes from, then stop; needs no database", flag=True),
    Option("doctor", "say table by table what would be filled in the application's database, and what is unknown, then stop", flag=True),
    Option("validate", "check and plan the scenario, then stop; needs no database", flag=True),
)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of this session, resolved."""

    scenario: str
    database: str | None
    home: str | None
    overrides: tuple[str, ...]
    batches: tuple[str, ...]
    create: bool
    wipe: bool
    repair: bool
    validate: bool
    doctor: bool = False
    sample: str | None = None
    engine: str = "xdist"
    dask: str | None = None
    connections: str | None = None
    to: str | None = None
    log_dir: str | None = None
    json: str | None = None
    summary: str | None = None
    html: str | None = None
    save: str | None = None
    compare: str | None = None
    compare_fail: tuple[str, ...] = ()
    typed: frozenset[str] = frozenset()
    """Names of the options that stand on the command line: a command that goes on has to repeat them."""


def add(parser: pytest.Parser) -> None:
    """Declare the options to pytest."""
    group = parser.getgroup("aquadata", "salmon-farm data (pytest-aquadata)")
    for option in TABLE:
        where = "".join(f"; {kind}: {name}" for kind, name in (("env", option.env), ("ini", option.ini)) if name)
        # argparse fills in what follows a % sign
        arguments: dict[str, Any] = {"dest": option.dest, "help": (option.help + where).replace("%", "%%")}
        if option.flag:
            arguments |= {"action": "store_true", "default": False}
        else:
            arguments |= {"metavar": option.metavar, "default": None}
            arguments |= {"action": "append"} if option.many else {}
        group.addoption(option.argument, **arguments)
        if option.ini:
            parser.addini(option.ini, option.help, default="")


def markdown() -> str:
    """The table of options for the documentation."""
    lines = ["| option | environment | ini | what it does |", "|---|---|---|---|"]
    for option in TABLE:
        value = "" if option.flag else f"={option.metavar}"
        env, ini = (f"`{name}`" if name else "" for name in (option.env, option.ini))
        lines.append(f"| `{option.argument}{value}` | {env} | {ini} | {option.help} |")
    return "\n".join(lines)


def resolve(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> Options | None:
    """The options of a session; None without ``--aquadata``, when the plugin has nothing to do."""
    if not config.getoption("aquadata"):
        return None
    values = {option.name: _value(option, config, environ) for option in TABLE}
    typed = frozenset(option.name for option in TABLE if config.getoption(option.dest))
    if {"to", "database"} <= typed:
        raise pytest.UsageError("--aquadata-to and --aquadata-database do not go together: rows go to one place")
    return Options(
        scenario=values[""],
        database=values["database"] or None,
        home=values["home"] or None,
        overrides=tuple(values["set"] or ()),
        batches=tuple(values["batch"] or ()),
        create=values["create"],
        wipe=values["wipe"],
        repair=values["repair"],
        validate=values["validate"],
        doctor=values["doctor"],
        sample=values["sample"] or None,
        engine=values["engine"] or "xdist",
        dask=values["dask"] or None,
        connections=values["connections"] or None,
        # a database that was typed goes before a place that an environment or an ini file names
        to=None if "database" in typed else values["to"] or None,
        log_dir=values["log-dir"] or None,
        json=values["json"] or None,
        summary=values["summary"] or None,
        html=values["html"] or None,
        save=values["save"] or None,
        compare=values["compare"] or None,
        compare_fail=tuple(values["compare-fail"] or ()),
        typed=typed,
    )


def _value(option: Option, config: pytest.Config, environ: Mapping[str, str]) -> Any:
    given = config.getoption(option.dest)
    if given or option.flag:
        return given
    if option.env and environ.get(option.env):
        return environ[option.env]
    return config.getini(option.ini) if option.ini else given
