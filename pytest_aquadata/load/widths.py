"""Whether a plan's ids fit the columns that hold them: known, and said, before the first row.

The application's keys are bigint, which holds nine million million million. One that was made with integer keys ends at 2,147,483,647: less
than the readings of a hundred geographies.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.build import Loader, primary_key
from pytest_aquadata.load.wire import greatest_of
from pytest_aquadata.plan.numbering import Plan


def refuse_narrow(loader: Loader, plan: Plan) -> None:
    """Refuse a database in which ids of the whole plan would pass their column's type; all such tables at once.

    Raises:
        AquadataError: a key is too narrow.
    """
    wrong = list(_narrow(loader, plan))
    if wrong:
        raise AquadataError("\n".join([*wrong, "    make the column bigint, or plan fewer batches"]))


def _narrow(loader: Loader, plan: Plan) -> Iterator[str]:
    for table in filter(loader.has, plan.all_tables):
        layout = loader.layout(table)
        key = layout.columns.get(primary_key(layout))
        most = None if key is None else greatest_of(key.type)
        last = loader.ids.offsets.get(table, 0) + plan.total(table)
        if key is not None and most is not None and last > most:
            yield f"{layout.table}.{key.name} is {key.type_name}, which ends at {most:,}: the ids of this plan go up to {last:,}"
