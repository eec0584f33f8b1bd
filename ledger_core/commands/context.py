"""Who asks for a command, under which key, and when."""

from dataclasses import dataclass

from ledger_core.dates import Moment


@dataclass(frozen=True, slots=True)
class CommandContext:
    """Rides beside a command's arguments; nobody's words supply it."""

    key: str
    """idempotency key: the same key with the same input returns the first answer"""
    actor: str
    """customer:cus_…, specialist:…, system:nightly"""
    at: Moment
    """the servicing date and Eastern wall time; a command knows no other clock"""

    @property
    def is_specialist(self) -> bool:
        return self.actor.startswith("specialist:")
