"""The job queue's own tables, as the locked version of procrastinate ships them."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "shared_0002"
down_revision = "shared_0001"

_GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shared TO cashline_app, cashline_batch;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA shared TO cashline_app, cashline_batch;
"""


def upgrade() -> None:
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute("SET LOCAL search_path TO shared")
    driver.execute(SchemaManager.get_schema().encode())
    driver.execute(_GRANTS.encode())
    driver.execute("SET LOCAL search_path TO DEFAULT")
