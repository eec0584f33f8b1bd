"""Who the customer is to us: how we reach them, and how they want to be reached."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import model_validator
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import Preview
from ledger_core.ids import new_id
from ledger_core.queries import profile
from ledger_core.refusals import Refused, refused
from ledger_core.store.postgres import named_queries
from ledger_core.store.tables import customers
from tools.account import Nothing
from tools.conditions import NO_IDENTITY_CHECK_OPEN
from tools.context import ToolContext
from tools.contract import Arguments, Confirm, Effect, Id, Postcondition, Result, tool
from tools.sources import FROM_RECORD

_SQL: Final = named_queries(Path(__file__).parent / "sql" / "contact.sql")
CHANNELS: Final = ("calls", "texts", "emails", "paper_statements")
UNSAID: Final = {"calls": True, "texts": True, "emails": True, "paper_statements": False}
"""how a customer is reached who has said nothing"""


class ContactChange(Result):
    """A change that waits for the customer's yes: what it sets, masked."""

    change_id: str
    email: str | None
    phone: str | None


class Profile(Result):
    """E-mail and phone are masked: enough to recognise, too little to use."""

    display_name: str
    email: str | None
    phone: str | None
    language: str
    state: str
    calls: bool
    texts: bool
    emails: bool
    paper_statements: bool
    pending_changes: tuple[ContactChange, ...]


@tool(effect=Effect.READ, audience={"customer", "specialist"})
async def get_profile(ctx: ToolContext, args: Nothing) -> Profile:
    """How we reach the customer and how they want to be reached: e-mail and phone (masked), language, state, and
    which of calls, texts, e-mails and paper statements they want.

    `pending_changes` are new addresses that the customer entered in the form and has not confirmed: `change_contact`
    takes one up. Never read an address out in full, and never ask for one in chat.
    """
    person = await profile.customer(ctx.conn, ctx.customer_id)
    assert person is not None
    waiting = await ctx.conn.execute(_SQL["waiting"], {"customer_id": ctx.customer_id})
    return Profile(
        display_name=person.display_name,
        email=masked_email(person.email),
        phone=masked_phone(person.phone),
        language=person.language,
        state=person.state,
        **await wishes_of(ctx.conn, ctx.customer_id),
        pending_changes=tuple(
            ContactChange(
                change_id=row.change_id, email=masked_email(row.email), phone=masked_phone(row.phone)
            )
            for row in waiting
        ),
    )


class ChangeContact(Arguments):
    change_id: Id


class ContactChanged(Result):
    email: str | None
    phone: str | None


async def _preview_contact(ctx: ToolContext, args: ChangeContact) -> Preview | Refused:
    row = await _change(ctx, args.change_id)
    if row is None:
        return refused("contact_change_unknown")
    told = {"new_email": masked_email(row.email), "new_phone": masked_phone(row.phone)}
    return Preview({name: value for name, value in told.items() if value is not None})


@tool(
    effect=Effect.ACT,
    confirm=Confirm.STEP_UP,
    preview=_preview_contact,
    provenance={"change_id": FROM_RECORD},
    preconditions=(NO_IDENTITY_CHECK_OPEN,),
    postconditions=(Postcondition("contact_is", lambda ctx, args, done: _contact_is(ctx, done)),),
)
async def change_contact(ctx: ToolContext, args: ChangeContact) -> ContactChanged | Refused:
    """Takes up a new e-mail address or phone number that the customer entered in the form.

    change_id: of `pending_changes` in `get_profile`. When there is none, the customer first enters the new address
    in the account settings; an address written in chat is not used. The one-time code goes to the address known until
    now, and a word about the change to both. Who has lost the old one is helped by a specialist: hand off. Refused
    while a report of fraud is open. Needs the customer's yes by the button and the code.
    """
    row = await _change(ctx, args.change_id)
    if row is None:
        return refused("contact_change_unknown")
    new = {name: value for name, value in (("email", row.email), ("phone", row.phone)) if value is not None}
    mine = customers.c.customer_id == ctx.customer_id
    await ctx.conn.execute(update(customers).where(mine).values(**new))
    await ctx.conn.execute(_SQL["take"], {"change_id": args.change_id, "now": ctx.now})
    return ContactChanged(email=masked_email(row.email), phone=masked_phone(row.phone))


class SetPreferences(Arguments):
    """At least one; what is left out stays as it is."""

    language: Literal["en", "es"] | None = None
    calls: bool | None = None
    texts: bool | None = None
    emails: bool | None = None
    paper_statements: bool | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if all(value is None for value in self.model_dump().values()):
            raise ValueError("name what to change")
        return self


class PreferencesSet(Result):
    language: str
    calls: bool
    texts: bool
    emails: bool
    paper_statements: bool


async def _preview_preferences(ctx: ToolContext, args: SetPreferences) -> Preview | Refused:
    wanted = await _wanted(ctx, args)
    return Preview(
        {"language": wanted["language"]}
        | {name: "wanted" if wanted[name] else "unwanted" for name in CHANNELS}
    )


@tool(
    effect=Effect.ACT,
    confirm=Confirm.CUSTOMER,
    preview=_preview_preferences,
    postconditions=(Postcondition("preferences_are", lambda ctx, args, done: _preferences_are(ctx, done)),),
)
async def set_contact_preferences(ctx: ToolContext, args: SetPreferences) -> PreferencesSet:
    """Sets how the customer wants to hear from us: language, calls, texts, e-mails, statements on paper.

    For "text me instead", "in Spanish please", "go paperless". What the law has us send (statements, notices about a
    dispute or a decision) still comes, by the way that is left. "Stop contacting me" is a right and not a preference:
    `record_right` with cease_contact, at once and without a question. Needs the customer's yes.
    """
    wanted = await _wanted(ctx, args)
    mine = customers.c.customer_id == ctx.customer_id
    await ctx.conn.execute(update(customers).where(mine).values(language=wanted["language"]))
    row = {"customer_id": ctx.customer_id, "now": ctx.now, **{name: wanted[name] for name in CHANNELS}}
    await ctx.conn.execute(_SQL["set"], row)
    return PreferencesSet(**wanted)


async def enter_change(
    conn: AsyncConnection, customer_id: str, email: str | None, phone: str | None, now: datetime
) -> str:
    """Keeps a new address as the customer typed it into the form; its id, which `change_contact` takes up."""
    change_id = new_id("change")
    row = {"change_id": change_id, "customer_id": customer_id, "email": email, "phone": phone, "now": now}
    await conn.execute(_SQL["ask"], row)
    return change_id


async def wishes_of(conn: AsyncConnection, customer_id: str) -> dict[str, bool]:
    """By channel: whether the customer wants to hear from us that way."""
    row = (await conn.execute(_SQL["preferences"], {"customer_id": customer_id})).one_or_none()
    return dict(row._mapping) if row else dict(UNSAID)


async def _wanted(ctx: ToolContext, args: SetPreferences) -> dict[str, Any]:
    person = await profile.customer(ctx.conn, ctx.customer_id)
    assert person is not None
    now = {"language": person.language, **await wishes_of(ctx.conn, ctx.customer_id)}
    return now | {name: value for name, value in args.model_dump().items() if value is not None}


async def _change(ctx: ToolContext, change_id: str) -> Any:
    return (
        await ctx.conn.execute(_SQL["change"], {"change_id": change_id, "customer_id": ctx.customer_id})
    ).one_or_none()


async def _contact_is(ctx: ToolContext, done: ContactChanged) -> bool:
    person = await profile.customer(ctx.conn, ctx.customer_id)
    assert person is not None
    emails = done.email in (None, masked_email(person.email))
    return emails and done.phone in (None, masked_phone(person.phone))


async def _preferences_are(ctx: ToolContext, done: PreferencesSet) -> bool:
    return await wishes_of(ctx.conn, ctx.customer_id) == {name: getattr(done, name) for name in CHANNELS}


def masked_email(email: str | None) -> str | None:
    """`d***@example.com`."""
    if email is None:
        return None
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host}"


def masked_phone(phone: str | None) -> str | None:
    """The last two digits."""
    return None if phone is None else f"***{''.join(c for c in phone if c.isdigit())[-2:]}"
