"""A town of lines in which every nightly step has something to do, sooner or later."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time

from sqlalchemy.ext.asyncio import AsyncEngine

from evals.faults.stage import Stage, open_stage
from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.request_closure import request_closure
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.return_payment import return_payment
from ledger_core.commands.set_autopay import set_autopay
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.commands.settle_payment import settle_payment
from ledger_core.dates import Moment, add_business_days

OPENED_ON = date(2026, 3, 2)
_EIGHT = time(8)
_TEN = time(10)
_FLEX = ("autopay", "late", "pays", "returns", "plan", "held", "closing", "credit", "disputed", "idle")


@dataclass
class Town:
    """Lines by what they do, and the day they are in. A day: the night before it, the bank, then the people."""

    lines: dict[str, Stage]
    today: date = OPENED_ON
    paid: dict[str, str] = field(default_factory=dict)

    async def morning(self) -> None:
        """The bank tells what settled: draws on their day, payments two business days after theirs."""
        for name, stage in self.lines.items():
            stage.at = Moment(self.today, _EIGHT)
            state = await stage.state()
            for draw_id, draw in state.draws.items():
                if draw.stage == "pending" and draw.settles_on <= self.today and name != "held":
                    await stage.act(settle_draw, f"bank:{draw_id}", draw_id=draw_id)
            for payment_id, payment in state.payments.items():
                if payment.stage == "received" and add_business_days(payment.pay_on, 2) <= self.today:
                    await stage.act(settle_payment, f"bank:{payment_id}", payment_id=payment_id)

    async def people(self) -> None:
        """What the people do on the day; each thing once, on its day."""
        day = (self.today - OPENED_ON).days
        for stage in self.lines.values():
            stage.at = Moment(self.today, _TEN)
        for name, what in _PLANNED.get(day, ()):
            await getattr(self, f"_{what}")(name)

    async def _draw(self, name: str) -> None:
        stage = self.lines[name]
        amount = 20_000 if name == "member" else 90_000
        await stage.act(request_draw, amount_cents=amount, bank_account_id=stage.bank_account_id)

    async def _autopay(self, name: str) -> None:
        stage = self.lines[name]
        await stage.act(set_autopay, mode="minimum", bank_account_id=stage.bank_account_id)

    async def _schedule(self, name: str) -> None:
        self.paid[name] = await self.lines[name].pay(5_000, in_days=6)

    async def _overpay(self, name: str) -> None:
        owed = (await self.lines[name].state()).payoff_base_cents
        await self.lines[name].pay(owed + 6_000)

    async def _pay_off(self, name: str) -> None:
        await self.lines[name].pay((await self.lines[name].state()).payoff_base_cents)

    async def _return(self, name: str) -> None:
        await self.lines[name].act(return_payment, payment_id=self.paid[name], return_code="R01")

    async def _enroll(self, name: str) -> None:
        await self.lines[name].act(enroll_plan, kind="plan_12")

    async def _dispute(self, name: str) -> None:
        (draw_id,) = (await self.lines[name].state()).draws
        await self.lines[name].act(open_dispute, kind="unauthorized", about=draw_id)

    async def _close(self, name: str) -> None:
        await self.lines[name].act(request_closure)


_PLANNED: dict[int, tuple[tuple[str, str], ...]] = {
    0: tuple((name, "draw") for name in (*_FLEX[:-1], "member")),
    1: (("autopay", "autopay"),),
    28: (("plan", "enroll"), ("disputed", "dispute"), ("closing", "close"), ("credit", "overpay")),
    29: (("pays", "schedule"), ("returns", "schedule"), ("closing", "pay_off")),
    38: (("returns", "return"),),
}


async def found(engine: AsyncEngine) -> Town:
    """The town on its first day: the lines are open and the draws asked for."""
    lines = {name: await open_stage(engine, opened_on=OPENED_ON, due_day=20) for name in _FLEX}
    lines["member"] = await open_stage(
        engine, product_id="cash_line_membership", opened_on=OPENED_ON, due_day=20
    )
    town = Town(lines)
    await town.people()
    return town
