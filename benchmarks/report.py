"""The figures of a run as a person reads them."""

from __future__ import annotations

from typing import Any

MB = 2**20


def report(found: dict[str, Any]) -> str:
    """All of it, section by section."""
    parts = [_machine(found), _speed(found), _limit(found), _orm(found), _memory(found), _growth(found), _ratios(found)]
    return "\n".join("\n".join(part) + "\n" for part in parts)


def _machine(found: dict[str, Any]) -> list[str]:
    return [f"{name:<18}{value}" for name, value in found["machine"].items()]


def _speed(found: dict[str, Any]) -> list[str]:
    plan, build, encoded = found["plan"], found["build"], found["encode"]
    times = ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in build["phases"].items())
    return [
        f"{build['scenario']}: {plan['batches']} batches, {build['rows']:,} rows, {found['workers']} workers",
        f"plan              {plan['seconds']:.2f} s (best of three)",
        f"make and encode   {encoded['rows_a_second'] / 1e6:.2f} M rows/s a core, all tables "
        f"({encoded['making_seconds']:.1f} + {encoded['encoding_seconds']:.1f} s for {encoded['bytes'] / MB:,.0f} MB of COPY)",
        f"encode            {encoded['readings_a_second'] / 1e6:.2f} M rows/s a core, readings of {encoded['bytes_a_reading']:.0f} bytes",
        f"session           {build['session_seconds']:.1f} s: {times}",
        f"build             {build['rows_a_second']:,.0f} rows/s, load with indexes, keys and statistics (build + finish)",
        f"verify            {build['verified_rows_a_second']:,.0f} rows/s",
        f"on disk           {build['bytes'] / MB:,.0f} MB, estimated {build['estimated_bytes'] / MB:,.0f} MB",
    ]


def _limit(found: dict[str, Any]) -> list[str]:
    phases, psql = found["build"]["phases"], found["psql"]
    tries = [", ".join(f"{seconds:.1f} s" for seconds in found[who]["tries"]) for who in ("build", "psql")]
    return [
        f"{'the same bytes':<18}{'this package':>14}{'psql alone':>14}",
        f"{'load':<18}{phases['build']:>12.1f} s{psql['load']:>12.1f} s",
        f"{'indexes, keys':<18}{phases['finish']:>12.1f} s{psql['indexes']:>12.1f} s   (this package: and statistics)",
        f"{'ANALYZE':<18}{'':>14}{psql['analyze']:>12.1f} s",
        f"tries, in turns   {tries[0]}; {tries[1]}",
    ]


def _orm(found: dict[str, Any]) -> list[str]:
    django = found["orm"]
    return [
        f"one batch, one process, indexes and keys in place: {django['batch']}, {django['rows']:,} rows",
        f"this package      {django['ours']:.1f} s, {django['rows'] / django['ours']:,.0f} rows/s",
        f"bulk_create       {django['extrapolated']:.0f} s, {django['sampled'] / django['seconds']:,.0f} rows/s, "
        f"extrapolated from {django['sampled']:,} rows ({django['seconds']:.1f} s)",
    ]


def _memory(found: dict[str, Any]) -> list[str]:
    return [f"peak memory of {name:<12}{taken / MB:>6.0f} MB" for name, taken in found["build"]["memory"].items()]


def _growth(found: dict[str, Any]) -> list[str]:
    head = ["batches", "rows", "plan s", "plan MB", "controller MB", "worker MB", "load s", "rows/s", "verify s", "rows/s"]
    lines = ["growth: batches of whole lives; where no load is given, three batches were built by workers that know the whole plan"]
    lines.append("".join(f"{word:>14}" for word in head))
    for entry in found["growth"]:
        workers = max(taken for name, taken in entry["memory"].items() if name != "controller")
        cells = [f"{entry['batches']:,}", f"{entry['rows']:,}", f"{entry['plan_seconds']:.2f}", f"{entry['plan_bytes'] / MB:.1f}"]
        cells += [f"{entry['memory']['controller'] / MB:.0f}", f"{workers / MB:.0f}"]
        if entry["whole"]:
            phases = entry["phases"]
            cells += [f"{phases['build'] + phases['finish']:.1f}", f"{entry['rows_a_second']:,.0f}"]
            cells += [f"{phases['verify']:.1f}", f"{entry['verified_rows_a_second']:,.0f}"]
        lines.append("".join(f"{cell:>14}" for cell in cells))
    return lines


def _ratios(found: dict[str, Any]) -> list[str]:
    says = {
        "build_to_psql": "load, indexes and keys against psql alone; target 1.3 at most",
        "build_to_psql_with_analyze": "the same, where psql gathers statistics too, as the build does",
        "session_to_psql": "the whole session (start, schema, world, verification) against psql's load, indexes and keys",
        "verify_to_psql": "verification against the same",
        "bulk_create_to_batch": "times that bulk_create takes of what this package takes for the same batch",
        "size_to_estimate": "database against its estimate; within 0.9 and 1.1",
    }
    return ["ratios", *(f"{found['ratios'][name]:>8.2f}  {name}: {text}" for name, text in says.items())]
