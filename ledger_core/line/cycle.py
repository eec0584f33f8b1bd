"""Cycles: when they close and when their statements fall due."""

from datetime import date, timedelta

from ledger_core.products import Product


def close_before(product: Product, due_on: date) -> date:
    """The last day of the cycle whose statement falls due that day."""
    return due_on - timedelta(days=product.close_days_before_due)


def due_after(product: Product, close_on: date) -> date:
    """The due date of the statement of a cycle that closes that day."""
    return close_on + timedelta(days=product.close_days_before_due)


def following_due(due_on: date, due_day: int) -> date:
    """The due date one month on. Every month has the day: due_day is 28 at most."""
    if due_on.month == 12:
        return date(due_on.year + 1, 1, due_day)
    return date(due_on.year, due_on.month + 1, due_day)


def first_close(product: Product, opened_on: date, due_day: int) -> date:
    """The end of a new line's first cycle: the first that is long enough."""
    return _first_close_from(product, opened_on, due_day)


def due_on_new_day(product: Product, last_close_on: date, today: date, due_day: int) -> date:
    """The first due date on another day of the month: its cycle is long enough and not yet over."""
    close_on = _first_close_from(product, last_close_on + timedelta(days=1), due_day)
    while close_on < today:
        close_on = close_before(product, following_due(due_after(product, close_on), due_day))
    return due_after(product, close_on)


def _first_close_from(product: Product, start: date, due_day: int) -> date:
    shortest = start + timedelta(days=product.cycle_days_min - 1)
    due_on = due_after(product, shortest).replace(day=1)
    due_on = due_on.replace(day=due_day)
    while close_before(product, due_on) < shortest:
        due_on = following_due(due_on, due_day)
    return close_before(product, due_on)
