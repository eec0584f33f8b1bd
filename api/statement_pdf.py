"""A statement as a PDF: the frozen figures, how they add up, and what happened in the cycle. Plain, one column."""

from __future__ import annotations

from fpdf import FPDF

from ledger_core.money import Money
from ledger_core.queries.activity import ActivityItem
from ledger_core.queries.statements import StatementView

INK, QUIET, GREEN = (26, 32, 30), (96, 104, 100), (10, 61, 46)
WIDE, NARROW = 130, 50
ACTIVITY = {
    "draw": "Draw",
    "payment": "Payment",
    "fee": "Fee",
    "interest": "Interest",
    "waiver": "Fee taken off",
    "credit": "Credit",
    "refund": "Sent back to you",
}


def statement_pdf(view: StatementView, product_name: str, customer_name: str) -> bytes:
    """The document's bytes. Amounts are as printed when it was issued, whatever became known since."""
    pdf = FPDF(format="letter")
    pdf.set_title(f"Statement {view.number}")
    pdf.set_margins(18, 18)
    pdf.add_page()
    _heading(pdf, product_name, 20)
    _line(pdf, _latin(customer_name), f"Statement {view.number}")
    _line(
        pdf,
        f"{view.cycle_start:%B %-d, %Y} to {view.cycle_end:%B %-d, %Y}",
        f"APR {view.figures.apr_bp // 100}.{view.figures.apr_bp % 100:02d} %",
    )
    _heading(pdf, "To pay", 13)
    _line(pdf, "New balance", str(Money(view.figures.new_balance_cents)))
    _line(pdf, f"Minimum due by {view.printed_due_on:%B %-d, %Y}", str(Money(view.figures.minimum_due_cents)))
    if view.figures.disputed_cents:
        _line(pdf, "In dispute, need not be paid for now", str(Money(view.figures.disputed_cents)))
    _heading(pdf, "How the balance came about", 13)
    for label, cents in _parts(view):
        _line(pdf, label, str(Money(cents)))
    _heading(pdf, "In this cycle", 13)
    for item in view.lines:
        _line(pdf, f"{item.on:%b %-d}   {_what(item)}", str(Money(item.amount_cents)))
    return bytes(pdf.output())


def _parts(view: StatementView) -> list[tuple[str, int]]:
    figures = view.figures
    parts = [
        ("Previous balance", figures.previous_balance_cents),
        ("Corrections to earlier statements", figures.corrections_cents),
        ("Draws", figures.draws_cents),
        ("Money sent back to you", figures.refunds_cents),
        ("Fees", figures.fees_cents),
        ("Interest", figures.interest_cents),
        ("Payments", -figures.payments_cents),
        ("Credits", -figures.credits_cents),
    ]
    return [(label, cents) for label, cents in parts if cents]


def _what(item: ActivityItem) -> str:
    account = f", account ending {item.bank_last4}" if item.bank_last4 else ""
    stage = "" if item.stage in ("posted", "settled", "received") else f" ({item.stage})"
    return f"{ACTIVITY[item.kind]}{account}{stage}"


def _heading(pdf: FPDF, text: str, size: int) -> None:
    pdf.set_font("Helvetica", "B", size)
    pdf.set_text_color(*GREEN)
    pdf.ln(5)
    pdf.cell(0, 9, text, new_x="LMARGIN", new_y="NEXT")


def _line(pdf: FPDF, label: str, value: str) -> None:
    pdf.set_font("Helvetica", "", 10.5)
    pdf.set_text_color(*QUIET)
    pdf.cell(WIDE, 7, label)
    pdf.set_text_color(*INK)
    pdf.cell(NARROW, 7, value, align="R", new_x="LMARGIN", new_y="NEXT")


def _latin(text: str) -> str:
    """The built-in typefaces know Latin letters only; any other is shown as a question mark."""
    return text.encode("latin-1", "replace").decode("latin-1")
