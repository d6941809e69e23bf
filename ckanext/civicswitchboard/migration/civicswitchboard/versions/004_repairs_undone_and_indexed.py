"""Who undid a repair, and how often a dataset was tried to be indexed after it."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "004"
down_revision = "003"
branch_labels = None
depends_on = None

RUNS = "civicswitchboard_repair"
LINES = "civicswitchboard_repair_line"


def upgrade() -> None:
    op.add_column(RUNS, sa.Column("undone_by", sa.Text, nullable=False, server_default=""))
    op.add_column(LINES, sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
    # For the rows that are there only; new ones say it themselves.
    op.alter_column(RUNS, "undone_by", server_default=None)
    op.alter_column(LINES, "attempts", server_default=None)


def downgrade() -> None:
    op.drop_column(LINES, "attempts")
    op.drop_column(RUNS, "undone_by")
