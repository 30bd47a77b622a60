"""Processes and ports of this machine, as far as starting a server needs to know them."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
from pathlib import Path

from pytest_aquadata.errors import AquadataError
from pytest_aquadata.load.home import HOST

_PORTS = range(20000, 32000)  # below the ports that systems hand out to outgoing connections


def is_alive(pid: int) -> bool:
    """Whether there is a process `pid`, a zombie included. Not for Windows, where asking would end it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_postmaster(pid: int, data: Path) -> bool:
    """Whether the process `pid` lives and is PostgreSQL on `data`: a restart gives pids to others."""
    if sys.platform == "win32":
        return _lists_process(["tasklist", "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH"], "postgres.exe")
    if not is_alive(pid):
        return False
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()  # empty for a zombie
    except OSError:
        if Path("/proc/self/cmdline").exists():
            return False
        return _lists_process(["ps", "-p", str(pid), "-ww", "-o", "args="], str(data))
    program, *arguments = [os.fsdecode(word) for word in command.split(b"\0")]
    return Path(program).name.startswith("postgres") and any(_is_same(Path(word), data) for word in arguments)


def _is_same(path: Path, data: Path) -> bool:
    try:
        return path.is_absolute() and path.samefile(data)  # by inode: another mount or link may have named it
    except OSError:
        return False


def _lists_process(command: list[str], expected: str) -> bool:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return expected in done.stdout


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # as PostgreSQL does it; connections of the last run may still linger on the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody listens on, chosen at random; AquadataError when a hundred are taken."""
    for port in random.sample(_PORTS, 100):
        if is_free(port):
            return port
    raise AquadataError(f"no free port between {_PORTS.start} and {_PORTS.stop} on {HOST} for the embedded PostgreSQL")
