"""A customer adds a bank account and a new address by forms: nothing of it is said in the conversation."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import expect
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import customers
from tests.browser.test_journey import PATIENCE, Visit, visit  # noqa: F401  the fixture

pytestmark = pytest.mark.browser
ROUTING, ACCOUNT = "021000021", "000987654321"


async def confirm_with_the_code(visit: Visit, served: Any, confirm: str, label: str) -> None:  # noqa: F811
    """Presses the button of the card, and types the code from the mailbox."""
    page = visit.page
    card = page.locator(".proposal").last
    await card.get_by_role("button", name=confirm).click(timeout=PATIENCE)
    field = card.get_by_label(label)
    await expect(field).to_be_focused(timeout=PATIENCE)
    assert page.context.browser is not None
    mailbox = await page.context.browser.new_page()
    await mailbox.goto(f"{served.url}/mailbox")
    found = re.search(r"\b\d{6}\b", await mailbox.locator(".letter").first.inner_text())
    assert found is not None
    await mailbox.close()
    await field.fill(found[0])
    await card.get_by_role("button", name=confirm).click()
    await expect(card).to_have_attribute("data-state", "confirmed", timeout=PATIENCE)


async def everything_said(engine: AsyncEngine) -> str:
    async with transaction(engine, system("test")) as conn:
        return str(await conn.scalar(text("SELECT string_agg(m::text, ' ') FROM agent.messages AS m")))


async def test_a_bank_account_is_entered_by_a_form_and_taken_up_with_a_code(
    visit: Visit,  # noqa: F811
    served: Any,
    engine: AsyncEngine,
) -> None:
    page = visit.page
    await page.get_by_role("button", name="Dana Reyes").click()
    await visit.say("I want to add a bank account")
    opener = page.get_by_role("button", name="Enter a bank account")
    await opener.click(timeout=PATIENCE)
    bank = page.get_by_label("Name of your bank")
    await expect(bank).to_be_focused()
    await page.get_by_label("Routing number").fill("021000022")
    await page.get_by_role("button", name="Save").click()
    await expect(bank).to_be_focused()
    await expect(bank).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_text("That isn't a routing number")).to_be_visible()
    await bank.fill("Second Example Bank")
    await page.get_by_label("Routing number").fill(ROUTING)
    await page.get_by_label("Account number", exact=True).fill("0009 8765 4321")
    await page.get_by_label("Account number, once more").fill(ACCOUNT)
    await page.get_by_label("Savings").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Kept. It counts once you confirm it")).to_be_visible(timeout=PATIENCE)
    await expect(page.locator(".proposal")).to_contain_text("4321", timeout=PATIENCE)
    await confirm_with_the_code(visit, served, "Confirm", "One-time code")
    async with transaction(engine, system("test")) as conn:
        row = (
            await conn.execute(text("SELECT bank_name, status FROM core.bank_accounts WHERE last4 = '4321'"))
        ).one()
    assert tuple(row) == ("Second Example Bank", "verified")
    said = await everything_said(engine)
    assert ROUTING not in said
    assert ACCOUNT not in said


async def test_a_new_address_is_entered_by_a_form_in_spanish(
    visit: Visit,  # noqa: F811
    served: Any,
    engine: AsyncEngine,
) -> None:
    page = visit.page
    async with transaction(engine, system("test")) as conn:
        await conn.execute(update(customers).values(language="es"))
    await page.reload()
    await page.get_by_role("button", name="Dana Reyes").click()
    await visit_says_in_spanish(visit, "quiero cambiar mi correo electrónico")
    await page.get_by_role("button", name="Escribir una dirección nueva").click(timeout=PATIENCE)
    await page.get_by_role("button", name="Guardar").click()
    await expect(page.get_by_text("Escriba un correo como")).to_be_visible()
    await page.get_by_label("Nuevo correo electrónico").fill("dana.nueva@example.org")
    await page.get_by_role("button", name="Guardar").click()
    await expect(page.get_by_text("Guardado. Vale cuando usted lo confirme")).to_be_visible(timeout=PATIENCE)
    await confirm_with_the_code(visit, served, "Confirmar", "Código")
    async with transaction(engine, system("test")) as conn:
        assert await conn.scalar(text("SELECT email FROM core.customers")) == "dana.nueva@example.org"
    assert "dana.nueva@example.org" not in await everything_said(engine)


async def visit_says_in_spanish(visit: Visit, words: str) -> None:  # noqa: F811
    field = visit.page.get_by_role("textbox", name="Su mensaje")
    await field.fill(words)
    await field.press("Enter")
