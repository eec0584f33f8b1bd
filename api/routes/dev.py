"""The demo book's front door: embedded mode, loopback only."""

from __future__ import annotations

from ipaddress import ip_address

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse
from sqlalchemy import select

from api.auth import LIFETIME, Principal
from api.errors import Problem
from api.routes.pages import WEB
from api.schemas import DemoCustomer, DemoCustomers, Letters, Login, Token
from api.services import Given
from ledger_core.products import load
from ledger_core.store.clock import servicing_moment
from ledger_core.store.postgres import customer, system, transaction
from ledger_core.store.tables import customers, lines

LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}

_BOOK = (
    select(
        customers.c.customer_id,
        customers.c.display_name,
        customers.c.language,
        customers.c.state,
        customers.c.story,
        lines.c.product_id,
    )
    .join(lines, lines.c.customer_id == customers.c.customer_id)
    .where(customers.c.story.is_not(None), customers.c.story != "")
    .order_by(customers.c.created_at, customers.c.customer_id)
)


async def on_this_machine(request: Request) -> None:
    """Refuses other machines, and other names for this one: a page elsewhere could point its name here."""
    address = request.client.host if request.client else ""
    if not _is_loopback(address) or request.url.hostname not in LOCAL_NAMES:
        raise Problem("not_found", "There is nothing here.")


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


router = APIRouter(prefix="/v1/dev", tags=["demo"], dependencies=[Depends(on_this_machine)])


@router.post("/login")
async def login(services: Given, body: Login) -> Token:
    """A token for a customer of the demo book, or for a specialist."""
    if (body.customer_id is None) == (body.specialist_id is None):
        raise Problem("invalid_request", "Give a customer_id or a specialist_id.")
    assert services.issuer is not None
    if body.customer_id is not None:
        principal = Principal("customer", body.customer_id)
        async with transaction(services.engine, customer(body.customer_id)) as conn:
            if await conn.scalar(select(customers.c.customer_id)) is None:
                raise Problem("not_found", "There is no customer with this id.")
    else:
        assert body.specialist_id is not None
        principal = Principal("specialist", body.specialist_id)
    return Token(access_token=services.issuer.issue(principal), expires_in=int(LIFETIME.total_seconds()))


@router.get("/customers")
async def demo_customers(services: Given) -> DemoCustomers:
    """The customers of the demo book, with a line each on who they are."""
    async with transaction(services.engine, system("demo_page")) as conn:
        rows = (await conn.execute(_BOOK)).all()
        today = (await servicing_moment(conn, services.clock)).on
    found = {
        row.customer_id: DemoCustomer(product_name=load(row.product_id).name, **row._mapping)
        for row in reversed(rows)
    }
    return DemoCustomers(servicing_date=today, customers=list(reversed(found.values())))


@router.get("/mailbox")
async def read_mailbox(services: Given) -> Letters:
    """What would have left for customers by e-mail or text, the newest first: one-time codes and notices."""
    assert services.mailbox is not None
    return Letters.model_validate({"letters": services.mailbox.letters()})


page = APIRouter(include_in_schema=False, dependencies=[Depends(on_this_machine)])


@page.get("/mailbox")
async def mailbox_page() -> FileResponse:
    return FileResponse(WEB / "demo" / "mailbox.html")
