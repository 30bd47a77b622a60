"""What the ledger tells of a run for reports: how each batch came about, and the time of the phases over all sessions."""

from __future__ import annotations

from typing import Any

from pytest_aquadata.load.ledger import Connection


def phases(conn: Connection, fingerprint: str) -> dict[str, float]:
    """Seconds by phase, summed over the sessions that built something."""
    row = conn.execute("SELECT phases FROM aquadata.run WHERE fingerprint = %s", (fingerprint,)).fetchone()
    return dict(row[0]) if row else {}


def batches(conn: Connection, fingerprint: str) -> dict[int, dict[str, Any]]:
    """By number of a batch: state, rows, seconds, builder; of a failed one the error and the step in which it came up, else None."""
    rows = conn.execute(
        "SELECT number, state, rows, seconds, builder, error, failed_in FROM aquadata.batch WHERE fingerprint = %s ORDER BY number",
        (fingerprint,),
    ).fetchall()
    return {
        number: {
            "state": state,
            "rows": sum(counts.values()),
            "seconds": seconds,
            "builder": builder,
            "error": error,
            "failed_in": failed_in,
        }
        for number, state, counts, seconds, builder, error, failed_in in rows
    }
