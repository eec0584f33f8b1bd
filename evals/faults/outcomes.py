"""What banks tell of one payment or one draw, in every order: all orders end in the same books.

Every answer of a bank comes as a file through the real door. A small model beside it says of each step whether it is
done, or why not; what is not done must leave the line as it was.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import text

from evals.faults.stage import IDENTITY, Stage
from ledger_core.bank import files
from ledger_core.bank.files import cut_file
from ledger_core.bank.incoming import receive
from ledger_core.bank.inquiry import deliver
from ledger_core.bank.nacha import Addenda, Entry, write
from ledger_core.bank.nacha_read import read
from ledger_core.bank.originator import Originator
from ledger_core.bank.settlement import settle_due
from ledger_core.commands.cancel_draw import cancel_draw
from ledger_core.commands.cancel_payment import cancel_payment
from ledger_core.commands.fail_draw import fail_draw
from ledger_core.commands.receive_payment import receive_payment
from ledger_core.commands.return_payment import return_payment
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.commands.settle_payment import settle_payment
from ledger_core.dates import Moment, add_business_days
from ledger_core.demo.bank_simulator import SimulatedBank, return_file
from ledger_core.errors import BankFileRefused
from ledger_core.refusals import Refused
from ledger_core.store.postgres import transaction

HOUSE = Originator()
_CODE = "R01"
_ANSWER = text("SELECT state, attention FROM core.bank_answers WHERE answer_trace = :trace AND code = :code")

Kind = Literal["payment", "draw"]


@dataclass(frozen=True)
class Case:
    """A payment or a draw whose file the bank has, and a cancelled one beside it that never left."""

    stage: Stage
    kind: Kind
    about: str
    cancelled: str
    entry: Entry
    """ours, in the file"""


@dataclass
class Model:
    """What must be so: where it stands, and which of the bank's files came."""

    kind: Kind
    stands: str
    taken: frozenset[int] = frozenset()
    waits: bool = False
    """a return came before the payment's day did in the books"""

    def receive(self) -> str:
        if self.stands != "scheduled":
            return "payment_not_scheduled"
        self.stands = "open"
        return "done"

    def settle(self) -> str:
        if self.stands != "open":
            return self.no
        self.stands = "settled"
        return "done"

    def silence(self) -> str:
        return "done" if not self.taken and self.settle() == "done" else "nothing"

    def give_back(self) -> str:
        if self.stands not in ("open", "settled"):
            return self.no
        self.stands = "returned"
        return "done"

    def file(self, number: int) -> str:
        """A return in a file; files that came before, and those that wait, are acted on first."""
        self.act_on_waiting()
        if number in self.taken:
            return "repeated"
        self.taken |= {number}
        if self.stands == "scheduled":
            self.waits = True
            return "waiting"
        said = self.give_back()
        return "applied" if said == "done" else said

    def change(self) -> str:
        self.act_on_waiting()
        return "applied"

    def act_on_waiting(self) -> None:
        if self.waits and self.stands != "scheduled":
            self.waits = False
            self.give_back()

    @property
    def no(self) -> str:
        return "payment_not_received" if self.kind == "payment" else "draw_not_pending"


Step = tuple[Callable[[Case], Awaitable[str]], Callable[[Model], str]]
"""what is done, and what the model says comes of it: both `done`, `applied` …, or the name of the refusal"""


async def payment_case(stage: Stage) -> Case:
    """A payment of today that the books have not received yet, though its days at the bank are over."""
    await stage.draw(90_000)
    cancelled = await stage.pay(3_000, in_days=1)
    await stage.act(cancel_payment, payment_id=cancelled)
    about = await stage.pay(4_500, in_days=1)
    return await _at_the_bank(stage, "payment", about, cancelled)


async def draw_case(stage: Stage) -> Case:
    """A draw that the books hold as pending, though its day at the bank is over."""
    cancelled = await stage.draw(30_000, settle=False)
    await stage.act(cancel_draw, draw_id=cancelled)
    about = await stage.draw(45_000, settle=False)
    return await _at_the_bank(stage, "draw", about, cancelled)


async def _at_the_bank(stage: Stage, kind: Kind, about: str, cancelled: str) -> Case:
    async with transaction(stage.engine, IDENTITY) as conn:
        file = await cut_file(conn, stage.at.on, HOUSE)
        assert file is not None
        (batch,) = read(await files.content(conn, file.file_id)).batches
    await deliver(stage.engine, SimulatedBank(stage.engine), stage.at)
    stage.at = Moment(add_business_days(stage.at.on, 4), stage.at.at)
    (entry,) = batch.entries
    return Case(stage, kind, about, cancelled, entry)


def answer_file(case: Case, code: str, number: int, said: str = "", of: str = "") -> bytes:
    """The bank's file number so-and-so with one answer to our entry. of: another trace than ours."""
    file = read(return_file(HOUSE, case.stage.at.on, [(case.entry, _CODE)]))
    (batch,) = file.batches
    (back,) = batch.entries
    assert back.addenda is not None
    back = replace(back, trace=_trace(back.trace, number))
    if code.startswith("C"):
        notice = Addenda("98", code, case.entry.trace, case.entry.routing[:8], said)
        back, batch = replace(back, amount_cents=0, addenda=notice), replace(batch, sec="COR")
    elif of:
        back = replace(back, addenda=replace(back.addenda, original_trace=of))
    return write(replace(file, batches=(replace(batch, entries=(back,)),)))


def _trace(trace: str, number: int) -> str:
    return f"{trace[:8]}{number:07}"


def _file(number: int, code: str = _CODE, said: str = "", of: str = "") -> Callable[[Case], Awaitable[str]]:
    async def bring(case: Case) -> str:
        data = answer_file(case, code, number, said, of)
        try:
            taken = await receive(case.stage.engine, data, case.stage.at, HOUSE)
        except BankFileRefused as refused:
            return refused.codes[0]
        if not taken.is_new:
            return "repeated"
        ((batch,), given) = read(data).batches, {"code": code}
        async with transaction(case.stage.engine, IDENTITY) as conn:
            row = (await conn.execute(_ANSWER, given | {"trace": batch.entries[0].trace})).one()
        return str(row.attention if row.state == "quarantined" else row.state)

    return bring


def _by_hand(command: Any, *, cancelled: bool = False, **more: Any) -> Callable[[Case], Awaitable[str]]:
    async def ask(case: Case) -> str:
        about = {f"{case.kind}_id": case.cancelled if cancelled else case.about}
        answer = await case.stage.ask(command, **about, **more)
        return str(answer.codes[0]) if isinstance(answer, Refused) else "done"

    return ask


async def _silence(case: Case) -> str:
    return "done" if await settle_due(case.stage.engine, case.stage.at) else "nothing"


def _refused(name: str) -> Callable[[Model], str]:
    return lambda model: name


_ANSWERS: dict[str, Step] = {
    "silence": (_silence, Model.silence),
    "return": (_file(1), lambda model: model.file(1)),
    "the same file": (_file(1), lambda model: model.file(1)),
    "return again": (_file(2), lambda model: model.file(2)),
    "change": (_file(3, "C01", "0099887766"), Model.change),
    "return of nothing": (_file(4, of="990000009999999"), _refused("trace_unknown")),
}
_NO_PAYMENT, _NO_DRAW = _refused("payment_not_received"), _refused("draw_not_pending")
STEPS: dict[Kind, dict[str, Step]] = {
    "payment": {
        "receive": (_by_hand(receive_payment), Model.receive),
        "settle": (_by_hand(settle_payment), Model.settle),
        **_ANSWERS,
        "settle cancelled": (_by_hand(settle_payment, cancelled=True), _NO_PAYMENT),
        "return cancelled": (_by_hand(return_payment, cancelled=True, return_code=_CODE), _NO_PAYMENT),
    },
    "draw": {
        "settle": (_by_hand(settle_draw), Model.settle),
        "fail": (_by_hand(fail_draw, code=_CODE), Model.give_back),
        **_ANSWERS,
        "settle cancelled": (_by_hand(settle_draw, cancelled=True), _NO_DRAW),
        "fail cancelled": (_by_hand(fail_draw, cancelled=True, code=_CODE), _NO_DRAW),
    },
}
