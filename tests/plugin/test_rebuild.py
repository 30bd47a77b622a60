"""A farm that was damaged: the criterion says where, and the command that it prints mends it."""

from __future__ import annotations

import psycopg
from projects import Project
from run_farm import Databases, contents, digest_in


def test_the_printed_command_mends_what_was_found(project: Project, databases: Databases, finished_url: str) -> None:
    with psycopg.connect(finished_url) as conn:
        batch = "(SELECT id FROM batch_batch WHERE batch_number = 'FAR-2025-001')"
        assert conn.execute(f"DELETE FROM batch_mortalityevent WHERE batch_id = {batch} AND id % 2 = 0").rowcount
        assert conn.execute(f"UPDATE environmental_environmentalreading SET value = 99 WHERE batch_id = {batch}").rowcount
    damaged = project.run("-k", "verify", url=finished_url)
    assert damaged.ret == 1
    text = damaged.stdout.str()
    assert "scenarios/farm.yaml:15: rows: fail" in text
    damaged.stdout.fnmatch_lines(["*expected*", "*found*", "*batch_mortalityevent*", "*query*", "*SELECT*", "*build FAR-2025-001 again*"])
    command = next(line.strip() for line in text.splitlines() if "--aquadata-batch=" in line)
    # two workers: verification has to wait for the batch that is being built again
    mended = project.run_command(command, "-n", "2")
    mended.assert_outcomes(passed=1 + 1 + 1 + 4)
    assert digest_in(mended.stdout.str()) == databases.digest
    assert contents(finished_url, databases.plan.all_tables) == databases.finished_contents


def test_a_batch_that_was_to_be_built_again_and_was_not(project: Project, databases: Databases, finished_url: str) -> None:
    """Its rows stay, the ledger says what is due, and the next run does it."""
    begun = project.run("--aquadata-batch=SCO-2025-001", "-k", "finish", url=finished_url)
    assert "2 of 3 batches" in begun.stdout.str()
    whole = project.run(url=finished_url)
    assert whole.ret == 0
    assert digest_in(whole.stdout.str()) == databases.digest
    assert contents(finished_url, databases.plan.all_tables) == databases.finished_contents
