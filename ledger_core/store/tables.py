"""The tables of the schema `core`, declared once. Constraints, triggers and policies are in migrations."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(schema="core")


def _text(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null, primary_key=key)


def _cents(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _count(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=False, primary_key=key, autoincrement=False)


def _big(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=False, primary_key=key, autoincrement=False)


def _date(name: str, *, null: bool = False, key: bool = False) -> Column[object]:
    return Column(name, Date, nullable=null, primary_key=key)


def _time(name: str, *, null: bool = False) -> Column[object]:
    """A time that the database sets by itself where it is not null."""
    return Column(name, DateTime(timezone=True), nullable=null, server_default=None)


def _flag(name: str, *, key: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=False, primary_key=key)


def _json(name: str, *, null: bool = False) -> Column[object]:
    return Column(name, JSONB, nullable=null)


def _hash(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


customers = Table(
    "customers",
    metadata,
    _text("customer_id", key=True),
    _text("display_name"),
    _text("email", null=True),
    _text("phone", null=True),
    _text("language"),
    _text("state"),
    _text("timezone"),
    _flag("military"),
    _text("story", null=True),
    _time("erased_at", null=True),
    _time("created_at"),
)
bank_accounts = Table(
    "bank_accounts",
    metadata,
    _text("bank_account_id", key=True),
    _text("customer_id"),
    _text("bank_name"),
    _text("last4"),
    _text("status"),
    _text("nickname", null=True),
    _time("created_at"),
)
account_numbers = Table(
    "account_numbers",
    metadata,
    _text("bank_account_id", key=True),
    _count("version", key=True),
    _text("customer_id"),
    _text("routing"),
    _text("key_id"),
    _hash("sealed"),
    _text("kind"),
    _text("holder"),
    _time("recorded_at"),
)
narratives = Table(
    "narratives",
    metadata,
    _text("narrative_id", key=True),
    _text("customer_id"),
    _text("line_id", null=True),
    _text("reference_id", null=True),
    _text("kind"),
    _text("body", null=True),
    _time("erased_at", null=True),
    _time("created_at"),
)
lines = Table(
    "lines",
    metadata,
    _text("line_id", key=True),
    _text("customer_id"),
    _text("product_id"),
    _count("product_version"),
    _text("status"),
    _big("version"),
    _big("last_seq"),
    _cents("limit_cents"),
    _date("opened_on"),
    _hash("chain_hash"),
    _time("recorded_at"),
)
line_projection = Table(
    "line_projection",
    metadata,
    _text("line_id", key=True),
    _text("customer_id"),
    _big("version"),
    _text("status"),
    _cents("limit_cents"),
    _cents("principal_cents"),
    _cents("held_cents"),
    _cents("owed_cents"),
    _count("rate_bp"),
    _cents("disputed_cents"),
    _date("next_close_on", null=True),
    _date("due_on", null=True),
    _count("days_past_due"),
    _flag("locked"),
    _text("plan_id", null=True),
)
events = Table(
    "events",
    metadata,
    _text("line_id", key=True),
    _big("seq", key=True),
    _text("event_id"),
    _text("customer_id"),
    _big("line_version"),
    _text("type"),
    _count("version"),
    _date("effective_on"),
    _time("recorded_at"),
    _json("payload"),
)
entries = Table(
    "entries",
    metadata,
    _text("line_id", key=True),
    _text("entry_id", key=True),
    _text("customer_id"),
    _big("line_version"),
    _count("position"),
    _text("kind"),
    _text("stage"),
    _date("effective_on"),
    _time("recorded_at"),
    _text("event_id", null=True),
    _text("reason"),
)
postings = Table(
    "postings",
    metadata,
    _text("line_id", key=True),
    _text("entry_id", key=True),
    _count("position", key=True),
    _text("customer_id"),
    _text("account"),
    _text("side"),
    _cents("amount_cents"),
)
ledger_balances = Table(
    "ledger_balances",
    metadata,
    _text("line_id", key=True),
    _text("account", key=True),
    _text("stage", key=True),
    _text("customer_id"),
    _cents("debit_cents"),
    _cents("credit_cents"),
)
chain_links = Table(
    "chain_links",
    metadata,
    _text("line_id", key=True),
    _big("version", key=True),
    _text("customer_id"),
    _hash("prev_hash"),
    _hash("hash"),
    _time("recorded_at"),
)
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    _text("line_id", key=True),
    _text("key", key=True),
    _text("customer_id"),
    _text("input_hash"),
    _json("result"),
    _big("version"),
    _time("recorded_at"),
)
plans = Table(
    "plans",
    metadata,
    _text("line_id", key=True),
    _text("plan_id", key=True),
    _text("customer_id"),
    _date("started_on"),
    _date("ended_on", null=True),
)
rates = Table(
    "rates",
    metadata,
    _text("line_id", key=True),
    _date("from_on", key=True),
    _text("customer_id"),
    _count("apr_bp"),
    _big("seq"),
)
outbox = Table(
    "outbox",
    metadata,
    _text("line_id", key=True),
    _big("version", key=True),
    _count("position", key=True),
    _text("customer_id"),
    _text("topic"),
    _json("payload"),
    _time("recorded_at"),
    _time("delivered_at", null=True),
)
inbox = Table(
    "inbox",
    metadata,
    _text("consumer", key=True),
    _text("message_id", key=True),
    _time("recorded_at"),
)
statements = Table(
    "statements",
    metadata,
    _text("line_id", key=True),
    _count("number", key=True),
    _text("statement_id"),
    _text("customer_id"),
    _date("cycle_start"),
    _date("cycle_end"),
    _date("due_on", null=True),
    _json("figures"),
    _time("recorded_at"),
)
transfers = Table(
    "transfers",
    metadata,
    _text("line_id", key=True),
    _text("transfer_id", key=True),
    _text("customer_id"),
    _text("kind"),
    _text("reference_id"),
    _text("bank_account_id"),
    _cents("amount_cents"),
    _date("effective_on"),
    _text("state"),
    _text("return_code", null=True),
    _date("submitted_on", null=True),
    _date("settled_on", null=True),
    _date("returned_on", null=True),
    _date("cancelled_on", null=True),
    _time("recorded_at"),
)
bank_files = Table(
    "bank_files",
    metadata,
    _text("file_id", key=True),
    _date("cut_on"),
    _text("modifier"),
    _date("effective_on"),
    _json("originator"),
    _big("entries"),
    _cents("debit_cents"),
    _cents("credit_cents"),
    _big("last_number"),
    _text("sha256", null=True),
    _date("delivered_on", null=True),
    _time("recorded_at"),
)
bank_entries = Table(
    "bank_entries",
    metadata,
    _text("line_id", key=True),
    _text("transfer_id", key=True),
    _text("customer_id"),
    _text("file_id"),
    _text("trace"),
    _text("transaction_code"),
    _text("bank_account_id"),
    _count("numbers_version"),
    _cents("amount_cents"),
    _text("payment_type"),
)
bank_receipts = Table(
    "bank_receipts",
    metadata,
    _text("sha256", key=True),
    _date("received_on"),
    _big("answers"),
    _time("recorded_at"),
)
bank_answers = Table(
    "bank_answers",
    metadata,
    _text("line_id", key=True),
    _text("transfer_id", key=True),
    _text("answer_trace", key=True),
    _text("code", key=True),
    _text("customer_id"),
    _text("sha256"),
    _date("received_on"),
    _date("sent_back_on", null=True),
    _date("allowed_through", null=True),
    _text("state"),
    _text("attention", null=True),
    _time("recorded_at"),
)
servicing_clock = Table(
    "servicing_clock",
    metadata,
    _flag("only_row", key=True),
    _count("offset_days"),
)
business_days = Table(
    "business_days",
    metadata,
    _date("business_date", key=True),
    _time("started_at"),
    _time("done_at", null=True),
    _json("report", null=True),
)
daily_roots = Table(
    "daily_roots",
    metadata,
    _date("business_date", key=True),
    _big("lines"),
    _hash("root"),
    _time("recorded_at"),
)
accruals = Table(
    "accruals",
    metadata,
    _date("accrued_on", key=True),
    _text("line_id", key=True),
    _text("bucket", key=True),
    _text("customer_id"),
    _cents("principal_cents"),
    _count("rate_bp"),
    _big("microcents"),
)
accrual_corrections = Table(
    "accrual_corrections",
    metadata,
    _text("line_id", key=True),
    _big("version", key=True),
    _date("corrected_on"),
    _text("customer_id"),
    _big("microcents"),
)
accrual_checks = Table(
    "accrual_checks",
    metadata,
    _text("line_id", key=True),
    _text("customer_id"),
    _big("version"),
    _big("last_seq"),
    _date("checked_on"),
)
night_steps = Table(
    "night_steps",
    metadata,
    _date("business_date", key=True),
    _count("of", key=True),
    _count("share", key=True),
    _text("step", key=True),
    _json("report"),
    _big("microseconds"),
    _time("done_at"),
)
reconciliation_differences = Table(
    "reconciliation_differences",
    metadata,
    _date("found_on", key=True),
    _text("line_id", key=True),
    _text("about", key=True),
    _text("customer_id"),
    _big("written"),
    _big("replayed"),
    _time("recorded_at"),
)
demo_book = Table(
    "demo_book",
    metadata,
    _flag("only_row", key=True),
    _date("anchor"),
    _date("lived_through"),
)
decisions = Table(
    "decisions",
    metadata,
    _text("line_id", key=True),
    _text("decision_id", key=True),
    _text("customer_id"),
    _text("kind"),
    _date("decided_on"),
    _big("known_seq"),
    _cents("asked_cents"),
    _text("outcome"),
    _cents("limit_cents"),
    _date("expires_on", null=True),
    _text("grade"),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("features", ARRAY(Integer), nullable=False),
    _text("features_sha256"),
    Column("micrologits", BigInteger),
    Column("default_ppm", Integer),
    _text("path"),
    _text("why_conservative", null=True),
    _text("model_version", null=True),
    _text("policy_version"),
    _text("challenger_version", null=True),
    Column("challenger_ppm", Integer),
    _count("latency_us"),
    _time("recorded_at"),
    _text("product_id", null=True),
    _text("state_code", null=True),
)
notices = Table(
    "notices",
    metadata,
    _text("line_id", key=True),
    _text("notice_id", key=True),
    _text("customer_id"),
    _text("decision_id"),
    _text("kind"),
    _date("issued_on"),
    Column("texts", JSONB, nullable=False),
    _time("recorded_at"),
)
