"""The SQL beside this file."""

from ledger_core.store.migrating import run_sql_beside

revision = "agent_0002"
down_revision = "agent_0001"


def upgrade() -> None:
    run_sql_beside(__file__)
