"""A customer at the page: chooses, asks, looks behind a figure, reads exact terms, confirms, sees it done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 20_000


class Visit:
    """One open page; what it complained of, and what it asked of other origins."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.abroad: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        page.on("request", lambda request: request.url.startswith(url) or self.abroad.append(request.url))

    async def say(self, text: str) -> None:
        field = self.page.get_by_role("textbox", name="Your message")
        await field.fill(text)
        await field.press("Enter")


@pytest_asyncio.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
async def visit(request: pytest.FixtureRequest, browser: Browser, served: Any) -> AsyncIterator[Visit]:
    page = await browser.new_page(viewport=request.param)
    page.set_default_timeout(PATIENCE)
    visit = Visit(page, served.url)
    await page.goto(served.url)
    yield visit
    assert visit.complaints == []
    assert visit.abroad == []
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider == 0, "nothing sticks out at the side"
    await page.close()


async def test_from_the_first_look_to_a_payment_in_the_books(visit: Visit, served: Any) -> None:
    page = visit.page
    await page.get_by_role("searchbox", name="Search customers").fill("dana")
    await page.get_by_role("button", name="Dana Reyes").click()
    await expect(page.get_by_text("Hello, Dana.")).to_be_visible()

    await page.get_by_role("button", name="What do I owe and when is it due?").click()
    figure = page.locator(".figure").first
    await figure.click()
    source = page.get_by_role("dialog")
    await expect(source).to_contain_text("get_overview")
    await page.keyboard.press("Escape")
    await expect(source).to_be_hidden()
    await expect(figure).to_be_focused()

    await visit.say("I want to pay 200 dollars today")
    card = page.locator(".proposal")
    await expect(card).to_contain_text("$200.00", timeout=PATIENCE)
    assert (await served.book.state()).payments == {}
    await card.get_by_role("button", name="Confirm").click()
    await expect(card).to_have_attribute("data-state", "confirmed", timeout=PATIENCE)
    [payment] = (await served.book.state()).payments.values()
    assert payment.amount_cents == 20_000

    await page.reload()
    await expect(page.locator(".proposal")).to_have_attribute("data-state", "confirmed", timeout=PATIENCE)
    await expect(page.get_by_text("I want to pay 200 dollars today")).to_be_visible()


async def test_not_now_changes_nothing(visit: Visit, served: Any) -> None:
    page = visit.page
    await page.get_by_role("button", name="Dana Reyes").click()
    await visit.say("I want to pay 200 dollars today")
    card = page.locator(".proposal")
    await card.get_by_role("button", name="Not now").click()
    await expect(card).to_have_attribute("data-state", "declined", timeout=PATIENCE)
    assert (await served.book.state()).payments == {}


async def test_the_keyboard_alone_is_enough(browser: Browser, served: Any) -> None:
    page = await browser.new_page(viewport=DESKTOP)
    await page.goto(served.url)
    await expect(page.get_by_role("button", name="Dana Reyes")).to_be_visible()
    await _tab_to(page, "Dana Reyes")
    await page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="Your message")
    await expect(field).to_be_focused()
    await page.keyboard.type("Good morning.")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("I want to pay 200 dollars today")
    assert await field.input_value() == "Good morning.\nI want to pay 200 dollars today"
    await page.keyboard.press("Enter")
    await expect(page.locator(".proposal")).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("[role=status]").last).to_contain_text("Please review")
    await page.keyboard.press("Shift+Tab")
    await _tab_to(page, "Confirm", backwards=True)
    await page.keyboard.press("Enter")
    await expect(page.locator(".proposal")).to_have_attribute("data-state", "confirmed", timeout=PATIENCE)
    await expect(field).to_be_focused()
    await page.close()


async def test_everything_that_can_be_pressed_has_a_name(browser: Browser, served: Any) -> None:
    page = await browser.new_page(viewport=DESKTOP)
    await page.goto(served.url)
    await page.get_by_role("button", name="Dana Reyes").click()
    await page.get_by_role("button", name="What do I owe and when is it due?").click()
    await expect(page.locator(".figure").first).to_be_visible(timeout=PATIENCE)
    nameless = await page.get_by_role("button", name="", exact=True).evaluate_all(
        "found => found.filter(each => !(each.ariaLabel || each.innerText).trim()).map(each => each.outerHTML)"
    )
    assert nameless == []
    small = await page.locator(
        "button.primary, button.secondary, button.send, .starters button"
    ).evaluate_all("found => found.filter(each => each.offsetHeight && each.offsetHeight < 24).length")
    assert small == 0, "WCAG 2.2, 2.5.8: targets of at least 24 pixels"
    await page.close()


async def _tab_to(page: Page, name: str, *, backwards: bool = False) -> None:
    """Presses Tab until the focus is on the button of that name."""
    focused = (
        "() => { let at = document.activeElement; while (at?.shadowRoot?.activeElement)"
        " at = at.shadowRoot.activeElement; return at?.matches('button') ? at.ariaLabel || at.innerText : ''; }"
    )
    for _ in range(40):
        if name in await page.evaluate(focused):
            return
        await page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"Tab never reaches {name!r}")
