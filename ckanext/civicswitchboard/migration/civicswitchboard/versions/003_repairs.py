"""Runs of repairs, and their journal."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "003"
down_revision = "002"
branch_labels = None
depends_on = None

PREFIX = "civicswitchboard"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        f"{PREFIX}_repair",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("params", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("total", "done", "skipped", "undone", "kept", "part")
        ),
        sa.Column("cursor", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("touched", TIME, nullable=False),
        sa.Column("finished", TIME),
        sa.PrimaryKeyConstraint("id", name=f"{PREFIX}_repair_pkey"),
    )
    op.create_table(
        f"{PREFIX}_repair_line",
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in (
                "run", "entity", "record", "dataset", "organization", "before", "after", "state", "reason",
            )
        ),
        sa.Column("indexed", sa.Boolean, nullable=False),
        sa.Column("made", TIME, nullable=False),
        sa.PrimaryKeyConstraint("run", "entity", "record", name=f"{PREFIX}_repair_line_pkey"),
        sa.CheckConstraint(
            "state IN ('changed', 'left', 'undone', 'kept')", name=f"{PREFIX}_repair_line_state_check"
        ),
    )
    op.create_index(f"{PREFIX}_repair_line_dataset_idx", f"{PREFIX}_repair_line", ["dataset"])
    op.create_index(
        f"{PREFIX}_repair_line_waiting_idx",
        f"{PREFIX}_repair_line",
        ["run"],
        postgresql_where=sa.text("NOT indexed"),
    )


def downgrade() -> None:
    op.drop_table(f"{PREFIX}_repair_line")
    op.drop_table(f"{PREFIX}_repair")
