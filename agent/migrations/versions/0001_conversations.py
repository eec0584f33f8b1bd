"""The SQL beside this file, then the tables of LangGraph's checkpointer as its own release defines them."""

from alembic import op
from langgraph.checkpoint.postgres.base import BasePostgresSaver

from ledger_core.store.migrating import run_sql_beside

revision = "agent_0001"
down_revision = None


def upgrade() -> None:
    run_sql_beside(__file__)
    op.execute("SET LOCAL search_path = agent")
    for version, ddl in enumerate(BasePostgresSaver.MIGRATIONS):
        # a new table needs no concurrent index, and a transaction allows none
        op.get_bind().exec_driver_sql(ddl.replace(" CONCURRENTLY", ""))
        op.get_bind().exec_driver_sql("INSERT INTO checkpoint_migrations (v) VALUES (%s)", (version,))
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON agent.checkpoints, agent.checkpoint_blobs, agent.checkpoint_writes,"
        " agent.checkpoint_migrations TO cashline_app"
    )
    op.execute("SET LOCAL search_path = DEFAULT")
