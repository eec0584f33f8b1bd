"""The port through which words leave for a customer outside the conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a customer is reached."""

    channel: Literal["email", "text"]
    address: str
    masked: str
    language: str


class Notifier(Protocol):
    """Delivers words to a customer. Raises NotDelivered when they cannot leave."""

    async def send(self, to: Recipient, subject: str, body: str) -> None: ...


class NotDelivered(Exception):
    """The words did not leave; nothing was sent."""


class NoNotifier:
    """Stands where no way to reach customers is set up: nothing can leave."""

    async def send(self, to: Recipient, subject: str, body: str) -> None:
        raise NotDelivered("no notifier is set up")
