"""The demo's way to reach customers: what would have left is kept in this process and shown on a page of its own."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from ledger_core.dates import Clock
from ledger_core.ids import new_id
from tools.notify import Recipient

KEPT = 50


@dataclass(frozen=True)
class Letter:
    """One message that would have left."""

    letter_id: str
    channel: str
    to: str
    """masked"""
    subject: str
    body: str
    sent_at: datetime


class Mailbox:
    """Implements `tools.notify.Notifier` for the demo. Nothing is stored: a restart empties it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._letters: deque[Letter] = deque(maxlen=KEPT)

    async def send(self, to: Recipient, subject: str, body: str) -> None:
        letter = Letter(new_id("letter"), to.channel, to.masked, subject, body, self._clock.now())
        self._letters.appendleft(letter)

    def letters(self) -> list[Letter]:
        """The newest first."""
        return list(self._letters)
