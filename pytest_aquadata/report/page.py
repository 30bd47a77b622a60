"""The page: sections one after the other, in one file that asks for nothing else and runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import resources
from importlib.util import find_spec
from typing import Any

import psycopg

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.plan.numbering import Plan
from pytest_aquadata.report.base import Connection, Section, Source
from pytest_aquadata.report.html import paragraph, text


def refuse_without_plots() -> None:
    """See that figures can be drawn.

    Raises:
        AquadataError: Matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise AquadataError("--aquadata-html draws with Matplotlib, which is not installed\n    pip install 'pytest-aquadata[report]'")


def render(
    conn: Connection,
    plan: Plan,
    document: Mapping[str, Any],
    plan_text: str,
    more: Callable[[Source], list[Section]] = lambda _: [],
) -> str:
    """The whole page.

    document: of the session. plan_text: the plan as the terminal shows it. more: makes further sections.
    A section that the database cannot answer says so in its place.
    """
    # with Matplotlib, which a session without a report does not need
    from pytest_aquadata.report import containers, events, facts, gantt, growth, occupancy

    source = Source(conn, plan, document, plan_text)
    there = any(batch["state"] in ("built", "found") for batch in document["batches"])
    drawn: list[Callable[[Source], Section]] = [
        occupancy.occupancy,
        gantt.gantt,
        containers.containers,
        growth.growth,
        growth.conversion,
        events.lice,
        events.temperatures,
        events.feed,
        events.harvests,
    ]
    sections = [facts.summary(source), facts.criteria(source)]
    sections += [_section(source, make) for make in drawn] if there else [Section("farm", "Farm", paragraph("No batch is built."))]
    sections += _sections(source, more)
    sections += [facts.tables(source), facts.times(source), facts.batches(source), *facts.plan_and_scenario(source)]
    return _page(document, sections)


def _section(source: Source, make: Callable[[Source], Section]) -> Section:
    return _sections(source, lambda each: [make(each)], make.__name__)[0]


def _sections(source: Source, make: Callable[[Source], list[Section]], name: str = "more") -> list[Section]:
    try:
        return make(source)
    except AquadataError as error:
        said = f"Not shown: {error}."
    except psycopg.Error as error:
        said = f"The database does not answer: {' '.join(str(error).split())}"
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # what another program left there: NULL where a number belongs, nothing where there should be something
        said = f"What the database holds cannot be drawn: {type(error).__name__}: {' '.join(str(error).split())}"
    return [Section(name, name.capitalize(), paragraph(said))]


def _page(document: Mapping[str, Any], sections: list[Section]) -> str:
    name, time = text(document["scenario"]["name"]), f"{datetime.fromisoformat(document['time']):%Y-%m-%d %H:%M} UTC"
    style = (resources.files("pytest_aquadata.report") / "page.css").read_text(encoding="utf-8")
    links = "".join(f'<a href="#{section.anchor}">{text(section.title)}</a>' for section in sections)
    body = "\n".join(
        f"<section id={s.anchor}><h2>{text(s.title)}</h2>{s.html}</section>"
        if s.open
        else f"<section id={s.anchor}><details><summary><h2>{text(s.title)}</h2></summary>{s.html}</details></section>"
        for s in sections
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{name}: {text(document["verdict"])}</title>
<style>
{style}</style>
</head>
<body>
<header><h1>{name}</h1><p>{time}, pytest-aquadata {text(document["versions"]["pytest-aquadata"])}</p><nav>{links}</nav></header>
<main>
{body}
</main>
</body>
</html>
"""
