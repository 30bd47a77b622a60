"""Events of factories saved by one COPY and one by one, in a migrated database of the farm: ``python benchmarks/factories.py URL``.

Nothing stays: both are rolled back.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from pytest_aquadata.farm import setup


def main() -> None:
    """Print rows a second of both ways and their ratio."""
    parser = argparse.ArgumentParser(description="create_batch of factories")
    parser.add_argument("url", help="a migrated database of the reference farm")
    parser.add_argument("--rows", type=int, default=10_000)
    options = parser.parse_args()
    setup.configure(options.url)
    # models can be imported only now
    from django.db import transaction

    from pytest_aquadata import factories
    from pytest_aquadata.factories.base import EventFactory

    def seconds(create: Callable[..., object]) -> float:
        with transaction.atomic():
            stay = factories.BatchContainerAssignmentFactory.create()
            started = time.perf_counter()
            create(options.rows, assignment=stay)
            passed = time.perf_counter() - started
            transaction.set_rollback(True)
        return passed

    maker = factories.MortalityEventFactory
    copied = seconds(maker.create_batch)
    one_by_one = seconds(super(EventFactory, maker).create_batch)
    for what, passed in (("COPY", copied), ("one by one", one_by_one)):
        print(f"{what:<11} {options.rows:>8,} rows  {options.rows / passed:>9,.0f} rows/s")
    print(f"{'ratio':<11} {one_by_one / copied:>8.1f}  of the rows/s above")


if __name__ == "__main__":
    main()
