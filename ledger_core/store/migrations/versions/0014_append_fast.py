"""The SQL beside this file."""

from ledger_core.store.migrating import run_sql_beside

revision = "core_0014"
down_revision = "core_0013"


def upgrade() -> None:
    run_sql_beside(__file__)
