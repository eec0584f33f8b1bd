"""A breaker: after so many failures in a row a provider is left alone, then tried by one call before all others."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Breaker:
    """Opens after `failures_max` failures in a row; after `rest_seconds` one probe decides whether it closes.

    Shared by all turns of a process. Every call that `admits` has let through ends in `record` or `forget`.
    """

    failures_max: int = 3
    rest_seconds: int = 30
    monotonic: Callable[[], float] = time.monotonic
    failures: int = 0
    open_until: float = 0.0
    probing: bool = False

    @property
    def is_open(self) -> bool:
        return self.monotonic() < self.open_until

    def admits(self) -> bool:
        """Whether a call may be made now. Half open, the first one that asks is the probe, and the others wait."""
        if self.is_open or self.probing:
            return False
        self.probing = self.failures >= self.failures_max
        return True

    def record(self, *, ok: bool) -> None:
        """How an admitted call ended."""
        self.probing = False
        self.failures = 0 if ok else self.failures + 1
        if self.failures >= self.failures_max:
            self.rest(self.rest_seconds)

    def forget(self) -> None:
        """An admitted call was given up from outside, which says nothing of the provider."""
        self.probing = False

    def rest(self, seconds: int) -> None:
        """Leaves the provider alone for so long."""
        self.open_until = max(self.open_until, self.monotonic() + seconds)
