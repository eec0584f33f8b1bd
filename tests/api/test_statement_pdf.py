"""The statement as a document: the figures of the books, for its owner only."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.statement_pdf import _parts, statement_pdf
from ledger_core.queries.statements import statement
from tests.fixtures.books import open_book


async def test_a_statement_prints_what_adds_up_to_its_balance(engine: Any) -> None:
    book = await open_book(engine)
    await book.draw(150_000)
    await book.go_to(date(2026, 3, 16))
    view = await book.ask(statement)
    document = statement_pdf(view, "Cash Line Flex", "Dana Reyes Ñandú 李")
    assert document.startswith(b"%PDF-")
    assert sum(cents for _, cents in _parts(view)) == view.figures.new_balance_cents
