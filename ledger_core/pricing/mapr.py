"""The all-in cost of a cycle, a year. Source: 32 CFR 232.4(c)(2)(ii), by the method of 12 CFR 1026.14(c)."""

from typing import Final

from ledger_core.money import BASIS_POINTS

CYCLES_PER_YEAR: Final = 12


def mapr_bp(charges_cents: int, principal_days: int, days: int) -> int | None:
    """A cycle's finance charges over its average balance, times twelve; up to the next basis point.

    charges_cents: interest and every fee that is a finance charge. principal_days: principal times days. None
    without a balance: no rate can be said, and 232.4(c)(2)(ii)(B) allows no such fee.
    """
    if not principal_days:
        return None
    return -(-charges_cents * days * CYCLES_PER_YEAR * BASIS_POINTS // principal_days)


def exceeds(cap_bp: int, charges_cents: int, principal_days: int, days: int) -> bool:
    """Whether the charges of a cycle pass the cap; without a balance any charge does."""
    found = mapr_bp(charges_cents, principal_days, days)
    return charges_cents > 0 if found is None else found > cap_bp
