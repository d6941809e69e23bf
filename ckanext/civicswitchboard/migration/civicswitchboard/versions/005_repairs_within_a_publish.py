"""Whether a repair was done within the publish of a version."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "005"
down_revision = "004"
branch_labels = None
depends_on = None

RUNS = "civicswitchboard_repair"


def upgrade() -> None:
    op.add_column(RUNS, sa.Column("with_version", sa.Boolean, nullable=False, server_default=sa.false()))
    # Until now this was done with fields that took each other's names, and with nothing else.
    op.execute(f"UPDATE {RUNS} SET with_version = true WHERE kind = 'swap' AND seconds = 0")
    op.alter_column(RUNS, "with_version", server_default=None)


def downgrade() -> None:
    op.drop_column(RUNS, "with_version")
