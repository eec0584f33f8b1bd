"""Everybody in the demo book: the stories, and regular customers whom their habits describe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.demo.acts import AskLimit, AutopayOn, DrawRefused, TakeUpLimit
from ledger_core.demo.calendar import Ago
from ledger_core.demo.habits import BY_AUTOPAY, FULL_PAYER, IRREGULAR, LATE_PAYER, MINIMUM_PAYER
from ledger_core.demo.person import MEMBERSHIP, Bank, Person
from ledger_core.demo.stories import STORIES
from ledger_core.demo.troubles import TROUBLES
from ledger_core.store import tables

REGULARS = (
    Person(
        name="Harold Jennings",
        state="MO",
        story="Pays the minimum. Asked for a limit of $5,000 two weeks ago and was declined, with reasons.",
        banks=(Bank("Central Bank", "1052"),),
        due_offset=2,
        habit=MINIMUM_PAYER,
        script=((Ago(14), AskLimit(500_000)),),
    ),
    Person(
        name="Mei Chen",
        state="CA",
        story="Pays in full, draws often. Asked for a higher limit last month, got it and took it up.",
        banks=(Bank("Cathay Bank", "8823"),),
        limit_cents=250_000,
        apr_bp=2199,
        due_offset=22,
        habit=FULL_PAYER,
        script=((Ago(30), AskLimit(270_000)), (Ago(29), TakeUpLimit())),
    ),
    Person(
        name="Anthony Russo",
        state="NJ",
        story="Often late. Asked for a limit of $3,000 ten days ago; a smaller one is on offer.",
        banks=(Bank("Provident Bank", "3401"),),
        apr_bp=2999,
        due_offset=5,
        habit=LATE_PAYER,
        script=((Ago(10), AskLimit(300_000)),),
    ),
    Person(
        name="Fatima El-Amin",
        state="IL",
        story="Pays at odd times. Asked for a draw of $4,000 four days ago: over her limit, refused.",
        banks=(Bank("Wintrust", "7784"),),
        due_offset=24,
        habit=IRREGULAR,
        script=((Ago(4), DrawRefused(400_000)),),
    ),
    Person(
        name="Dorothy Simmons",
        state="GA",
        story="A regular: autopay of $100 on each due date.",
        banks=(Bank("Ameris Bank", "5230"),),
        due_offset=11,
        habit=BY_AUTOPAY,
        script=((Ago(350), AutopayOn("fixed", 10_000)),),
    ),
    Person(
        name="Isaac Levine",
        state="NY",
        story="A regular: a small balance, paid in full.",
        banks=(Bank("Emigrant Bank", "9118"),),
        opened_ago=200,
        due_offset=3,
        habit=FULL_PAYER,
    ),
    Person(
        name="Tamika Howard",
        state="OH",
        story="A regular, seven months on book: pays the minimum.",
        banks=(Bank("First Financial Bank", "6075"),),
        opened_ago=210,
        apr_bp=3399,
        due_offset=26,
        habit=MINIMUM_PAYER,
    ),
    Person(
        name="Lars Johansen",
        state="MN",
        story="A regular: irregular payments, irregular draws.",
        banks=(Bank("Bell Bank", "2793"),),
        opened_ago=280,
        due_offset=17,
        habit=IRREGULAR,
    ),
    Person(
        name="Ana Castillo",
        state="TX",
        language="es",
        story="Speaks Spanish. A regular: autopay of the minimum.",
        banks=(Bank("Amarillo National Bank", "4482", "Cuenta corriente"),),
        due_offset=19,
        habit=BY_AUTOPAY,
        script=((Ago(345), AutopayOn("minimum")),),
    ),
    Person(
        name="William Begay",
        state="NM",
        story="A regular: membership, small draws, paid when due.",
        banks=(Bank("Century Bank", "1637"),),
        product_id=MEMBERSHIP,
        limit_cents=40_000,
        due_offset=14,
        habit=FULL_PAYER,
    ),
    Person(
        name="Destiny Coleman",
        state="LA",
        story="A regular: membership, opened in spring, uses it most months.",
        banks=(Bank("Gulf Coast Bank", "8546"),),
        product_id=MEMBERSHIP,
        limit_cents=30_000,
        opened_ago=190,
        due_offset=21,
        habit=FULL_PAYER,
    ),
    Person(
        name="George Papadakis",
        state="FL",
        story="A regular: a large line, the minimum on time.",
        banks=(Bank("Tampa Bay Federal", "7261"),),
        limit_cents=500_000,
        apr_bp=1799,
        due_offset=8,
        habit=MINIMUM_PAYER,
    ),
)

PEOPLE: tuple[Person, ...] = STORIES + TROUBLES + REGULARS
BY_CUSTOMER = {person.customer_id: person for person in PEOPLE}


def phone(person: Person) -> str:
    """A number of the 555-01xx block, which is kept for fiction."""
    return f"(555) 555-01{PEOPLE.index(person):02d}"


@dataclass(frozen=True)
class CustomerRow:
    """Somebody of the demo book, as a tester picks them."""

    customer_id: str
    name: str
    product: str
    language: str
    story: str


async def customers(conn: AsyncConnection) -> Sequence[CustomerRow]:
    """The customers of the book, stories first; none before seeding. Needs a system identity."""
    known = set((await conn.execute(select(tables.customers.c.customer_id))).scalars())
    return [
        CustomerRow(person.customer_id, person.name, person.product_id, person.language, person.story)
        for person in PEOPLE
        if person.customer_id in known
    ]
