"""A bank that is reached by folders: what lies in `outgoing` has left, what comes into `incoming` is read once.

The bank's own transfer program, or ours to its SFTP server, moves files between the folders and the bank.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

from ledger_core.bank.exchange import Arrived
from ledger_core.bank.inquiry import InstantBank
from ledger_core.dates import Moment
from ledger_core.refusals import Reason

QUIET_SECONDS = 60
"""a file that still grows is not read: it must not have been written to for so long"""


class Outgoing:
    """A folder whose files the bank takes: a file there has arrived."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def file_hash(self, name: str) -> str | None:
        return await asyncio.to_thread(_hash, self._path / name)

    async def take_file(self, name: str, data: bytes) -> None:
        """All of it or nothing: written beside, then renamed."""
        await asyncio.to_thread(_write_whole, self._path / name, data)


class FolderBank(Outgoing):
    """`outgoing` and `incoming` under one folder, made where they are missing. It pays nothing at once."""

    instant: InstantBank | None = None

    def __init__(self, path: Path) -> None:
        super().__init__(path / "outgoing")
        self._incoming = path / "incoming"
        for folder in (path / "outgoing", *(self._incoming / end for end in ("taken", "refused"))):
            folder.mkdir(parents=True, exist_ok=True)

    async def arrived(self, at: Moment) -> Sequence[Arrived]:
        """By name, the way banks number their files; those begun with a dot are nobody's yet."""
        return await asyncio.to_thread(_read_all, self._incoming)

    async def file_away(self, arrived: Arrived, refused: Sequence[Reason]) -> None:
        """Into `taken`, or into `refused` with the reasons beside it."""
        await asyncio.to_thread(_file_away, self._incoming, arrived, refused)


def _hash(place: Path) -> str | None:
    return hashlib.sha256(place.read_bytes()).hexdigest() if place.exists() else None


def _write_whole(place: Path, data: bytes) -> None:
    half = place.with_name(f".{place.name}")
    with half.open("wb") as writing:
        writing.write(data)
        writing.flush()
        os.fsync(writing.fileno())
    half.rename(place)


def _read_all(folder: Path) -> list[Arrived]:
    now = time.time()
    whole = [
        place
        for place in sorted(folder.iterdir())
        if place.is_file()
        and not place.name.startswith(".")
        and now - place.stat().st_mtime >= QUIET_SECONDS
    ]
    return [Arrived(place.name, place.read_bytes()) for place in whole]


def _file_away(folder: Path, arrived: Arrived, refused: Sequence[Reason]) -> None:
    """Under its own bytes too, since a bank may use a name again."""
    to = folder / ("refused" if refused else "taken")
    place = to / f"{hashlib.sha256(arrived.data).hexdigest()[:12]}-{arrived.name}"
    if refused:
        lines = [f"{r.code} {' '.join(f'{k}={v}' for k, v in r.facts.items())}".rstrip() for r in refused]
        _write_whole(place.with_name(f"{place.name}.reasons"), "\n".join(lines).encode())
    (folder / arrived.name).rename(place)
