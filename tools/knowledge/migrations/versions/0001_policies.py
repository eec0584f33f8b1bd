"""The SQL beside this file."""

from ledger_core.store.migrating import run_sql_beside

revision = "knowledge_0001"
down_revision = None


def upgrade() -> None:
    run_sql_beside(__file__)
