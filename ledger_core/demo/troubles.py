"""People in trouble: hardship, plans, disputes and fraud. One line of story each, and its script."""

from __future__ import annotations

from ledger_core.demo.acts import (
    Acknowledge,
    CloseBank,
    Dispute,
    Draw,
    Enroll,
    Lock,
    Pay,
    Resolve,
)
from ledger_core.demo.calendar import Ago, Close, Due
from ledger_core.demo.habits import MINIMUM_PAYER, Habit
from ledger_core.demo.person import Bank, Person

_QUIET_MINIMUM = Habit(pays="minimum", draws=0, first_draw_dollars=900)

HARDSHIP = (
    Person(
        name="Marcus Bell",
        state="MI",
        story="Lost his job last week: current, about $2,050 owed, a payment due in a week or so.",
        banks=(Bank("Flagstar Bank", "5508"),),
        limit_cents=300_000,
        opened_ago=300,
        due_offset=7,
        script=(
            (Close(-2, -20), Draw(145_000)),
            (Due(-2, -3), Pay("minimum")),
            (Close(-1, 6), Draw(60_000)),
            (Due(-1, -3), Pay("minimum")),
        ),
    ),
    Person(
        name="Denise Whitfield",
        state="IN",
        story="In hardship and about 45 days past due; has not called yet.",
        banks=(Bank("Old National Bank", "4130"),),
        limit_cents=250_000,
        apr_bp=2999,
        due_offset=-45,
        habit=_QUIET_MINIMUM,
        habit_until=Due(-2, -15),
    ),
    Person(
        name="Luis Romero",
        state="NV",
        story="On short-term relief: half the minimum at 9.99 % for three cycles, kept so far.",
        banks=(Bank("Nevada State Bank", "9074"),),
        due_offset=10,
        habit=_QUIET_MINIMUM,
        habit_until=Due(-2, 1),
        script=((Due(-2, 12), Enroll("relief")), (Due(-1, -2), Pay("minimum"))),
    ),
    Person(
        name="Aisha Rahman",
        state="MN",
        story="On the 12-payment plan at 9.99 %: two payments made, all on time.",
        banks=(Bank("Bremer Bank", "6391"),),
        limit_cents=250_000,
        due_offset=14,
        habit=Habit(pays="minimum", draws=0, first_draw_dollars=1400),
        habit_until=Due(-3, 1),
        script=(
            (Due(-3, 2), Enroll("plan_12")),
            (Due(-2, -2), Pay("minimum")),
            (Due(-1, -2), Pay("minimum")),
        ),
    ),
    Person(
        name="Samuel Adeyemi",
        state="DC",
        story="On the 24-payment plan at 5.99 %; this payment is a few days late, the plan still kept.",
        banks=(Bank("Industrial Bank", "8457"),),
        limit_cents=300_000,
        apr_bp=2999,
        due_offset=-5,
        habit=Habit(pays="minimum", draws=0, first_draw_dollars=1900),
        habit_until=Due(-4, 1),
        script=(
            (Due(-4, 10), Enroll("plan_24")),
            (Due(-3, -2), Pay("minimum")),
            (Due(-2, -1), Pay("minimum")),
        ),
    ),
    Person(
        name="Thomas Reed",
        state="KY",
        story="Five days past due, no fee yet; an extension of the due date is still open to him.",
        banks=(Bank("Republic Bank", "1729"),),
        due_offset=-5,
        habit=_QUIET_MINIMUM,
        habit_until=Due(-1, -10),
    ),
    Person(
        name="Megan O'Brien",
        state="CT",
        story="Used a payment extension for this month's due date; nothing is late.",
        banks=(Bank("Webster Bank", "2248"),),
        due_offset=6,
        habit=_QUIET_MINIMUM,
        habit_until=Due(-1, 1),
        script=((Ago(3), Enroll("extension", hardship=False)),),
    ),
    Person(
        name="Yolanda Brooks",
        state="AL",
        story="About 95 days past due after an illness: only the 24-payment plan is left.",
        banks=(Bank("Regions Bank", "5865"),),
        apr_bp=3399,
        due_offset=-95,
        habit=_QUIET_MINIMUM,
        habit_until=Due(-4, -10),
    ),
    Person(
        name="Frank DeLuca",
        state="RI",
        story="More than 120 days past due: a settlement, by a specialist only.",
        banks=(Bank("Washington Trust", "3987"),),
        apr_bp=3599,
        due_offset=-130,
        habit=_QUIET_MINIMUM,
        habit_until=Due(-5, -10),
    ),
)

DISPUTES_AND_FRAUD = (
    Person(
        name="Hannah Lindqvist",
        state="MN",
        story="Does not recognise a draw of $80 three weeks ago, to the account ending 4471.",
        banks=(Bank("Associated Healthcare Credit Union", "2210"), Bank("Prairie Bank", "4471", "Savings")),
        due_offset=15,
        habit=_QUIET_MINIMUM,
        habit_until=Ago(10),
        script=((Ago(21), Draw(8_000, speed="instant", account=1)),),
    ),
    Person(
        name="Emily Nakamura",
        state="CA",
        story="The same draw of $150 went out twice on one day, twelve days ago; she asked for it once.",
        banks=(Bank("Mechanics Bank", "7346"),),
        due_offset=18,
        habit=_QUIET_MINIMUM,
        script=((Ago(12), Draw(15_000)), (Ago(12), Draw(15_000))),
    ),
    Person(
        name="Omar Haddad",
        state="MI",
        story="An open dispute of a $220 draw, twelve days old and acknowledged; the clock runs.",
        banks=(Bank("Chemical Bank", "9613"),),
        due_offset=13,
        habit=_QUIET_MINIMUM,
        habit_until=Ago(14),
        script=(
            (Ago(30), Draw(22_000)),
            (
                Ago(12),
                Dispute("unauthorized", "draw", 22_000, "I did not ask for this draw; I was at work."),
            ),
            (Ago(8), Acknowledge()),
        ),
    ),
    Person(
        name="Nina Volkov",
        state="NY",
        story="A dispute of a $95 draw was resolved for her last month; amount and interest were corrected.",
        banks=(Bank("Ridgewood Savings Bank", "1460"),),
        due_offset=16,
        habit=_QUIET_MINIMUM,
        habit_until=Ago(14),
        script=(
            (Ago(80), Draw(9_500)),
            (Ago(62), Dispute("unauthorized", "draw", 9_500, "My roommate had my phone; this was not me.")),
            (Ago(55), Acknowledge()),
            (Ago(33), Resolve(for_customer=True)),
        ),
    ),
    Person(
        name="Derek Stone",
        state="SC",
        story="Line locked for fraud three days ago after an instant draw he did not make.",
        banks=(Bank("Palmetto Citizens", "8095"), Bank("Online Direct Bank", "6602", "Checking 2")),
        due_offset=20,
        habit=_QUIET_MINIMUM,
        script=((Ago(4), Draw(30_000, speed="instant", account=1)), (Ago(3), Lock("fraud"))),
    ),
    Person(
        name="Carlos Vega",
        state="FL",
        story="Closed his bank account: a payment came back (R02) two weeks ago; the new one is pending.",
        banks=(Bank("Amerant", "2917"), Bank("Space Coast Credit Union", "4038", "New checking", "pending")),
        due_offset=9,
        habit=MINIMUM_PAYER,
        habit_until=Ago(30),
        script=((Ago(18), Pay(8_000)), (Ago(18), CloseBank())),
    ),
)

TROUBLES = HARDSHIP + DISPUTES_AND_FRAUD
