"""The folder of an installation, used by one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process serves from this folder."""


@contextmanager
def claimed(home: Path) -> Iterator[None]:
    """Holds the folder; a killed process lets go of it by itself. Raises AlreadyRunning."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(
                f"{home} is in use by process {file.read().strip() or '?'}."
                " Stop that one, or set CASHLINE_HOME to another folder for a second instance."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
