"""Charge a fee: late, returned payment or membership."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.checks import closed_refusal
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.events import FeeCharged
from ledger_core.line.overlay_reasons import overlay_reasons
from ledger_core.products import Product
from ledger_core.refusals import Refused, refused


@dataclass(frozen=True, slots=True)
class ChargedFee:
    fee_id: str
    kind: str
    amount_cents: int
    charged_on: date
    about: str | None


def charge_fee_order(
    *,
    line_id: str,
    kind: str,
    amount_cents: int,
    about: str | None = None,
) -> Order[ChargedFee]:
    """What `charge_fee` does to the line, to be run by itself or with many."""
    return Order(
        line_id,
        "charge_fee",
        {"kind": kind, "amount_cents": amount_cents, "about": about},
        ChargedFee,
        partial(_decide, kind=kind, amount_cents=amount_cents, about=about),
    )


async def charge_fee(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    kind: str,
    amount_cents: int,
    about: str | None = None,
) -> ChargedFee | Refused:
    """The fee, charged today. Whether it may be is `line.fees`' to say before; one event bears one fee.

    Refused for a line that is closed, above what the product's terms know for this kind of fee, after the holder's
    death or in a bankruptcy. kind: late, returned_payment or membership. about: the statement or payment id it is
    for.
    """
    return await run_order(
        conn, ctx, charge_fee_order(line_id=line_id, kind=kind, amount_cents=amount_cents, about=about)
    )


async def preview_charge_fee(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    kind: str,
    amount_cents: int,
    about: str | None = None,
) -> Preview | Refused:
    """The terms of `charge_fee`, decided the same way; nothing is written."""
    return await preview(
        conn, at, line_id=line_id, decide=partial(_decide, kind=kind, amount_cents=amount_cents, about=about)
    )


def _decide(
    world: World, *, kind: str, amount_cents: int, about: str | None
) -> Decided[ChargedFee] | Refused:
    no = closed_refusal(world)
    if no is not None:
        return no
    if amount_cents <= 0:
        return refused("amount_not_positive")
    spared = overlay_reasons(world.state)
    if spared:
        return Refused(tuple(spared))
    most = _most(world.product, kind)
    if amount_cents > most:
        return refused("more_than_terms", most_cents=most)
    same = [f for f in world.state.fees.values() if about is not None and f.about == about]
    if same:
        return refused("fee_already_charged", fee_id=same[0].fee_id)
    fact = FeeCharged(new_id("fee"), kind, amount_cents, about)
    done = ChargedFee(fact.fee_id, kind, amount_cents, world.at.on, about)
    terms = {"kind": kind, "amount_cents": amount_cents, "charged_on": world.at.on}
    return Decided(done, world.at.on, (fact,), terms)


def _most(product: Product, kind: str) -> int:
    """The highest fee of this kind that the terms know, in cents."""
    if kind == "late":
        return max(product.late_fee_cents, product.late_fee_repeat_cents)
    return product.returned_fee_cents if kind == "returned_payment" else product.membership_fee_cents
