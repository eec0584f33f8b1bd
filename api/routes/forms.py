"""What a customer types into a form and never into a chat: account numbers, a new address.

Each waits here until the customer takes it up in the conversation, with a one-time code. Planners see masked words
and an id, never what was typed.
"""

from __future__ import annotations

from fastapi import APIRouter

from api.errors import Problem
from api.schemas import BankAccountForm, ContactForm, FormTaken
from api.services import Given, RatedCustomerId
from ledger_core.bank.numbers import AccountNumbers
from ledger_core.bank.routing import is_routing_number
from ledger_core.queries import profile
from ledger_core.store.postgres import customer, transaction
from tools import bank_accounts
from tools.profile import enter_change

router = APIRouter(prefix="/v1/forms", tags=["forms"])


@router.post("/bank-accounts", status_code=201)
async def enter_bank_account(
    services: Given, customer_id: RatedCustomerId, body: BankAccountForm
) -> FormTaken:
    """A bank account that waits to be taken up. The numbers can't be read again by this process."""
    if not is_routing_number(body.routing):
        raise Problem("invalid_request", "routing: is no routing number")
    async with transaction(services.engine, customer(customer_id)) as conn:
        person = await profile.customer(conn, customer_id)
        if person is None:
            raise Problem("not_found", "There is no customer with this id.")
        given = AccountNumbers(body.routing, body.account, person.display_name, body.kind)
        entered = await bank_accounts.enter(conn, customer_id, given, body.bank_name, body.nickname)
    if entered is None:
        raise Problem("rate_limited", "Take up or remove what is waiting first.")
    return FormTaken(id=entered, status="pending")


@router.post("/contact", status_code=201)
async def enter_contact(services: Given, customer_id: RatedCustomerId, body: ContactForm) -> FormTaken:
    """A new e-mail address or phone number that waits to be taken up; the newest alone counts."""
    if body.email is None and body.phone is None:
        raise Problem("invalid_request", "Give an email or a phone.")
    async with transaction(services.engine, customer(customer_id)) as conn:
        change_id = await enter_change(conn, customer_id, body.email, body.phone, services.clock.now())
    return FormTaken(id=change_id, status="pending")
