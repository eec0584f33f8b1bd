"""The tables of the general ledger, declared once, beside those of the lines."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, LargeBinary, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from ledger_core.store.tables import metadata


def _key(
    name: str, kind: type[Text] | type[Date] | type[Integer] | type[BigInteger] = Text
) -> Column[object]:
    return Column(name, kind, nullable=False, primary_key=True, autoincrement=False)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _date(name: str, *, null: bool = False) -> Column[object]:
    return Column(name, Date, nullable=null)


def _big(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _time(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=None)


gl_accounts = Table("gl_accounts", metadata, _key("account"), _text("class"), _text("normal_side"))
gl_sources = Table("gl_sources", metadata, _key("source"), _text("account"))
gl_ranges = Table(
    "gl_ranges",
    metadata,
    _key("line_id"),
    _key("from_version", BigInteger),
    _big("to_version"),
    _big("to_seq"),
    _date("booked_on"),
)
gl_watermarks = Table(
    "gl_watermarks",
    metadata,
    _key("line_id"),
    _big("version"),
    _big("seq"),
    _date("billed_through", null=True),
)
gl_folds = Table(
    "gl_folds",
    metadata,
    _key("booked_on", Date),
    _key("batch", Integer),
    _key("product_id"),
    _key("kind"),
    _key("account"),
    _big("debit_cents"),
    _big("credit_cents"),
    _big("entries"),
    _big("postings"),
)
gl_interest_folds = Table(
    "gl_interest_folds",
    metadata,
    _key("booked_on", Date),
    _key("batch", Integer),
    _key("product_id"),
    _key("flow"),
    _big("microcents"),
)
gl_adjustments = Table(
    "gl_adjustments",
    metadata,
    _key("line_id"),
    _key("booked_on", Date),
    _key("flow"),
    _big("microcents"),
)
gl_days = Table(
    "gl_days",
    metadata,
    _key("booked_on", Date),
    _big("entries"),
    _big("debit_cents"),
    _big("credit_cents"),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    _time("closed_at"),
)
gl_interest = Table(
    "gl_interest",
    metadata,
    _key("booked_on", Date),
    _key("product_id"),
    Column("accrued_microcents", Numeric(30), nullable=False),
    Column("corrected_microcents", Numeric(30), nullable=False),
    Column("billed_microcents", Numeric(30), nullable=False),
)
gl_allowances = Table(
    "gl_allowances",
    metadata,
    _key("booked_on", Date),
    _key("product_id"),
    _key("from_days", Integer),
    _big("lines"),
    _big("exposure_cents"),
    _count("rate_bp"),
    _big("allowance_cents"),
)
gl_entries = Table(
    "gl_entries",
    metadata,
    _key("booked_on", Date),
    _key("number", Integer),
    _text("product_id"),
    _text("kind"),
    _big("line_entries"),
)
gl_postings = Table(
    "gl_postings",
    metadata,
    _key("booked_on", Date),
    _key("number", Integer),
    _key("position", Integer),
    _text("account"),
    _text("side"),
    _big("amount_cents"),
)
gl_reconciliations = Table(
    "gl_reconciliations",
    metadata,
    _key("reconciliation_id"),
    _date("reconciled_on"),
    Column("checked", JSONB, nullable=False),
    _count("differences"),
    _time("recorded_at"),
)
gl_differences = Table(
    "gl_differences",
    metadata,
    _key("reconciliation_id"),
    _key("position", Integer),
    _text("check_name"),
    _text("about"),
    _text("line_id", null=True),
    _text("what"),
    _text("unit"),
    _text("expected"),
    _text("found"),
)
