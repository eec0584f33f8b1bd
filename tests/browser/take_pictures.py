"""Pictures of a running demo for the documentation: `python tests/browser/take_pictures.py URL FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
WIDTHS = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
PATIENCE = 30_000


def say(page: Page, text: str) -> None:
    """Sends a message and waits for the answer."""
    field = page.get_by_role("textbox", name="Your message").or_(
        page.get_by_role("textbox", name="Su mensaje")
    )
    answers = page.locator(".row.assistant .bubble:visible").count()
    field.fill(text)
    field.press("Enter")
    page.wait_for_function(
        "count => { const chat = document.querySelector('cashline-chat').shadowRoot;"
        " return chat.querySelector('.chat').getAttribute('aria-busy') === 'false'"
        " && chat.querySelectorAll('.row.assistant').length > count; }",
        arg=answers,
        timeout=PATIENCE,
    )
    page.wait_for_timeout(500)


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    page.locator(".hello").wait_for(timeout=PATIENCE)
    page.wait_for_timeout(700)


def take(browser: Browser, url: str, folder: Path, width: str) -> None:
    """One picture per story, at one width."""
    scale = 2 if width == "phone" else 1
    context = browser.new_context(viewport=WIDTHS[width], device_scale_factor=scale)
    context.set_default_timeout(PATIENCE)

    def picture(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"{name}_{width}.png")

    def fresh() -> Page:
        page = context.new_page()
        page.goto(url)
        page.locator("#people button").first.wait_for()
        return page

    page = fresh()
    picture(page, "customers")
    choose(page, "Priya Sharma")
    picture(page, "welcome")
    say(page, "why is my interest higher than last month?")
    picture(page, "interest")
    page.locator(".figure").first.click()
    page.wait_for_timeout(300)
    picture(page, "source")
    page = fresh()
    choose(page, "Marcus Bell")
    say(page, "lost my job last week. no way i can make the next payment")
    picture(page, "hardship")
    say(page, "the third one")
    picture(page, "proposal")
    page = fresh()
    choose(page, "Hannah Lindqvist")
    say(page, "there's an 80 dollar draw i never made. also can you raise my limit")
    picture(page, "dispute")
    page = fresh()
    choose(page, "Daniel Okafor")
    say(page, "how many days until a late fee is charged, per your policy?")
    page.locator(".citations summary").click()
    page.wait_for_timeout(300)
    picture(page, "citation")
    page = fresh()
    choose(page, "Maria Gonzalez")
    say(page, "no entiendo por qué me cobraron 25 dólares")
    picture(page, "spanish")
    if width == "phone":
        page.get_by_role("button", name="Account", exact=True).click()
        picture(page, "account")
    context.close()


def main(url: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for width in WIDTHS:
            take(browser, url, folder, width)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
