"""The embedded server's settings: fast to load, honest after a crash of its own, and fitted to the machine.

A process killed at any moment loses nothing that was committed: `synchronous_commit` stays on, so the write-ahead log
has reached the operating system. `fsync` and `full_page_writes` are off, so a power cut or a crash of the whole machine
can leave a data directory that must be thrown away; every row in it can be built again.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

MB = 2**20
GB = 2**30
_UNKNOWN_MEMORY = 4 * GB
# Docker's default /dev/shm has 64 MB, in which a parallel hash join of a few million rows does not fit.
_ROOMY_SHARED_MEMORY = GB // 2


@dataclass(frozen=True)
class Machine:
    """What the settings depend on: bytes of memory, free disk and /dev/shm (None: not Linux), and usable processors."""

    memory: int
    disk: int
    cpus: int
    shared_memory: int | None


def machine(folder: Path) -> Machine:
    """The machine as this process may use it; the disk is the one of `folder`."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(memory(), shutil.disk_usage(folder).free, cpus, _shared_memory())


def memory(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> int:
    """Bytes of memory this process may use: the machine's, or the tightest limit of its control groups (v1 and v2)."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        total = _UNKNOWN_MEMORY
    return min([total, *_cgroup_limits(proc, cgroups)])


def _cgroup_limits(proc: Path, cgroups: Path) -> list[int]:
    try:
        lines = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return []
    limits = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            base, name = cgroups, "memory.max"
        elif "memory" in controllers.split(","):
            base, name = cgroups / "memory", "memory.limit_in_bytes"
        else:
            continue
        inner = base / path.lstrip("/")
        # Every group above counts too, and inside a container the path may be the host's, of which only the root is
        # seen.
        for group in (inner, *inner.parents):
            if not group.is_relative_to(base):
                break
            try:
                limits.append(int((group / name).read_text()))
            except (OSError, ValueError):  # absent, or "max"
                continue
    return limits


def _shared_memory() -> int | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        return shutil.disk_usage("/dev/shm").total
    except OSError:
        return 0


def settings(port: int, on: Machine) -> str:
    """The text of aquadata.conf."""
    values: dict[str, str | int] = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 200,
        "max_locks_per_transaction": 256,
        # memory
        "shared_buffers": _megabytes(on.memory // 8, 64, 4096),
        "maintenance_work_mem": _megabytes(on.memory // 32, 64, 1024),
        "work_mem": _megabytes(on.memory // 256, 8, 128),
        "effective_cache_size": _megabytes(on.memory // 2, 128, 2**20),
        # durability: see the module's docstring
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "on",
        # the log: nothing is replicated, and checkpoints are rare but never cost more than an eighth of the free disk
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "wal_buffers": "16MB",
        "wal_init_zero": "off",
        "max_wal_size": f"{max_wal_bytes(on.disk) // MB}MB",
        "checkpoint_timeout": "30min",
        # processors
        "max_worker_processes": max(8, 2 * on.cpus),
        "max_parallel_workers": max(2, on.cpus),
        "max_parallel_maintenance_workers": min(4, on.cpus),
        "jit": "off",
        "random_page_cost": "1.1",
        # the load analyses its tables itself; this only keeps an idle server tidy
        "autovacuum": "on",
        "autovacuum_max_workers": 1,
        "autovacuum_naptime": "2min",
        "autovacuum_vacuum_cost_delay": "10ms",
        # the same answers and the same messages everywhere
        "timezone": "UTC",
        "log_timezone": "UTC",
        "datestyle": "ISO, YMD",
        "lc_messages": "C",
        "log_line_prefix": "%m [%p] %q%a %d ",
        "log_checkpoints": "off",
    }
    if on.shared_memory is not None and on.shared_memory < _ROOMY_SHARED_MEMORY:
        values["dynamic_shared_memory_type"] = "sysv"
    lines = [f"{name} = {value}" if isinstance(value, int) else f"{name} = '{value}'" for name, value in values.items()]
    return "\n".join(["# Written by pytest-aquadata at each start; changes here are lost.", *lines, ""])


def max_wal_bytes(disk: int) -> int:
    """How much of the write-ahead log is kept at the most, by the free disk in bytes."""
    return min(max(disk // 8 // MB, 256), 8192) * MB


def _megabytes(size: int, least: int, most: int) -> str:
    return f"{min(max(size // MB, least), most)}MB"
