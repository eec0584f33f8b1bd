"""What a benchmark's processes use: memory of this process and its children, CPU seconds of them and of the server.

Read from /proc; 0 where there is none.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from ledger_core.store.embedded import EmbeddedServer

_EVERY_S = 0.2
_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


class Memory:
    """The peak of all resident memory of this process and its children, while the block runs."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY_S):
            mine = [os.getpid(), *_children(os.getpid())]
            self.peak_mb = max(self.peak_mb, sum(_resident_kb(pid) for pid in mine) / 1024)


def cpu_of_children() -> float:
    """CPU seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def cpu_of_server(server: EmbeddedServer) -> float:
    """CPU seconds of the server since it started, its ended backends included."""
    try:
        pid = int((server.place.data / "postmaster.pid").read_text().split()[0])
    except OSError:
        return 0.0
    ticks = _ticks(pid, 4) + sum(_ticks(child, 2) for child in _children(pid))
    return ticks / _TICKS


def _ticks(pid: int, count: int) -> int:
    """Of user and system, and of children that ended when four are asked for; none of a process that has gone."""
    try:
        return sum(int(ticks) for ticks in _fields(pid)[11 : 11 + count])
    except OSError:
        return 0


def _children(parent: int) -> Iterator[int]:
    for entry in _PROC.glob("[0-9]*"):
        try:
            if int(_fields(int(entry.name))[1]) == parent:
                yield int(entry.name)
        except (OSError, IndexError):
            continue


def _fields(pid: int) -> list[str]:
    """Of /proc/<pid>/stat, those after the name."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _resident_kb(pid: int) -> int:
    try:
        status = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)
