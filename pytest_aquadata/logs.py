"""A log file for each batch: what was built, table by table, or why it was not."""

from __future__ import annotations

import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path

from pytest_aquadata.context import Farm
from pytest_aquadata.engine.task import Outcome
from pytest_aquadata.errors import AquadataError
from pytest_aquadata.files import write_whole
from pytest_aquadata.load.built import Built
from pytest_aquadata.plan.simulation import Batch
from pytest_aquadata.plan.temperature import date_of


class LogWarning(UserWarning):
    """The log of a batch could not be written; the batch itself is not touched by that."""


def open_folder(folder: Path) -> None:
    """Make the folder of the logs, and see that files can be written there.

    Raises:
        AquadataError: they cannot; the text says why.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise AquadataError(f"--aquadata-log-dir: nothing can be written in {folder}: {error.strerror}") from None


def write_log(farm: Farm, batch: Batch, outcome: Outcome) -> None:
    """Write the log of one batch as ``batch_NAME.log``, if the session keeps logs.

    A log is there whole or not at all. That of a batch which was built before stays, with a line that says so, if it is of the same run.
    A log that cannot be written is warned of.
    """
    folder = farm.log_dir
    if folder is None:
        return
    path = folder / f"batch_{batch.name}.log"
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC by {outcome.builder}"
    lines = [*_header(farm, batch), ""]
    try:
        if outcome.built is None:
            lines += [f"result       failed {now}, while {outcome.failed_in or 'it was begun'}; nothing of it was written", ""]
            lines += outcome.trace.splitlines()
        elif outcome.built.fresh:
            lines += [*_tables(outcome.built), "", f"result       built {now} in {outcome.built.seconds:.2f} s"]
        else:
            older = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
            same = older[: len(lines)] == lines
            lines = older if same else [*lines, "how it was built is not in this file"]
            lines.append(f"found        built before {now}")
        write_whole(path, "\n".join(lines) + "\n")
    except OSError as error:
        warnings.warn(LogWarning(f"the log {path} could not be written: {error.strerror}"), stacklevel=2)


def _header(farm: Farm, batch: Batch) -> list[str]:
    simulation, life = farm.plan.simulation, batch.life
    fields = {
        "scenario": f"{farm.scenario.name}, as of {farm.scenario.as_of}, seed {farm.scenario.seed}",
        "fingerprint": farm.fingerprint,
        "batch": batch.name,
        "start": f"{date_of(batch.start)}, {batch.age} days of life",
        "eggs": f"{life.eggs:,}",
        "geography": simulation.world.geographies[life.geography - 1].name,
    }
    lines = [f"{name:<13}{value}" for name, value in fields.items()]
    for stay in batch.stays:
        names = ", ".join(simulation.world.containers[number - 1].name for number in stay.containers)
        lines.append(
            f"{'containers':<13}{simulation.profile.stages[stay.order - 1].name} from {date_of(batch.start + stay.first)}: {names}"
        )
    return lines


def _tables(built: Built) -> list[str]:
    lines = [f"{'rows':>12}  {'seconds':>8}  {'digest':<32}  table"]
    lines += [
        f"{rows:>12,}  {built.table_seconds.get(table, 0.0):>8.2f}  {built.digests[table]}  {table}" for table, rows in built.rows.items()
    ]
    lines.append(f"{sum(built.rows.values()):>12,}  {sum(built.table_seconds.values()):>8.2f}  {'':<32}  in all")
    return lines
