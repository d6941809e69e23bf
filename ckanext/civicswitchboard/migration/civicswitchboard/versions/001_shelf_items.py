"""What editors pinned to the shelves of datasets, and what they hid."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None
branch_labels = None
depends_on = None

TABLE = "civicswitchboard_shelf_item"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("dataset_id", sa.Text, nullable=False),
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column(
            "created", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("dataset_id", "item_id", name=f"{TABLE}_pkey"),
        sa.CheckConstraint("state IN ('pinned', 'hidden')", name=op.f(f"{TABLE}_state_check")),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
