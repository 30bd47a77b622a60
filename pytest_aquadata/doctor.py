"""What ``--aquadata-doctor`` says: table by table what a build would fill in the application, what it would leave, what it lacks."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_aquadata.factories import fitting
from pytest_aquadata.load.binding import Binding, Bound
from pytest_aquadata.plan.numbering import Plan


def lines(binding: Binding, plan: Plan) -> Iterator[str]:
    """The report, for the tables that the scenario makes rows of."""
    wanted = [table for table in plan.all_tables if plan.total(table)]
    for table in wanted:
        if table not in binding.tables:
            yield f"{table}: not filled: {binding.skipped[table]}"
            continue
        bound = binding.tables[table]
        model = fitting.model_of(table)
        label = model._meta.label if model is not None else ""
        other = f" ({bound.layout.table})" if bound.layout.table != table else ""
        rows, columns, known = plan.total(table), len(bound.columns), len(fitting.farm_tables()[table].columns)
        history = f", each entered in {bound.history.layout.table}" if bound.history is not None else ""
        special = f", {bound.layout.special}: its indexes and keys stay in place" if bound.layout.special else ""
        yield f"{table}{other}: {rows:,} row{'' if rows == 1 else 's'} of {label}, {columns} of {known} columns{history}{special}"
        yield from _columns(bound)
    filled = [table for table in wanted if table in binding.tables]
    required = sum(len(binding.tables[table].required) for table in filled)
    yield ""
    yield f"{len(filled)} of {len(wanted)} tables are filled; {required} column{'' if required == 1 else 's'} required and unknown"


def _columns(bound: Bound) -> Iterator[str]:
    width = max((len(name) for name in bound.notes), default=0)
    for name, note in bound.notes.items():
        yield f"    {name:<{width}}  {note}"
