"""A customer at the page confirms a large draw with the code from the mailbox."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import expect
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import customers
from tests.browser.conftest import TODAY
from tests.browser.test_journey import PATIENCE, Visit, visit  # noqa: F401  the fixture
from tests.fixtures.books import open_book

pytestmark = pytest.mark.browser


async def test_a_large_draw_asks_for_the_code_and_forgives_a_slip(
    visit: Visit,  # noqa: F811
    served: Any,
    engine: AsyncEngine,
) -> None:
    page = visit.page
    book = await open_book(engine, name="Nora Quist")
    await book.go_to(TODAY)
    async with transaction(engine, system("test")) as conn:
        mine = customers.c.customer_id == book.customer_id
        await conn.execute(update(customers).where(mine).values(story="Has drawn nothing yet."))
    await page.reload()
    await page.get_by_role("button", name="Nora Quist").click()
    await visit.say("send me $1,600 to my bank account")
    card = page.locator(".proposal")
    await expect(card).to_contain_text("one-time code", timeout=PATIENCE)
    await card.get_by_role("button", name="Confirm").click()
    field = card.get_by_label("One-time code")
    await expect(field).to_be_focused(timeout=PATIENCE)
    assert (await book.state()).draws == {}

    assert page.context.browser is not None
    mailbox = await page.context.browser.new_page()
    await mailbox.goto(f"{served.url}/mailbox")
    letter = await mailbox.locator(".letter").first.inner_text()
    found = re.search(r"\b\d{6}\b", letter)
    assert found is not None
    await mailbox.close()

    await field.fill("000000" if found[0] != "000000" else "000001")
    await field.press("Enter")
    await expect(card.get_by_role("alert")).to_contain_text("not right", timeout=PATIENCE)
    visit.complaints.clear()  # the browser notes the refusal by itself
    await field.fill(found[0])
    await card.get_by_role("button", name="Confirm").click()
    await expect(card).to_have_attribute("data-state", "confirmed", timeout=PATIENCE)
    [draw] = (await book.state()).draws.values()
    assert draw.amount_cents == 160_000
