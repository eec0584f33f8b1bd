"""The SQL beside this file."""

from ledger_core.store.migrating import run_sql_beside

revision = "core_0023"
down_revision = "core_0022"


def upgrade() -> None:
    run_sql_beside(__file__)
