"""The shared schema's versions, its draft, and suggestions for it."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"
branch_labels = None
depends_on = None

PREFIX = "civicswitchboard"
TIME = sa.DateTime(timezone=True)

# What is published stays as it was published: citations and undo rely on it.
KEEP = f"""
CREATE OR REPLACE FUNCTION {PREFIX}_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('{PREFIX}.maintenance', true) = 'on' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'A published version of the shared schema is never changed or deleted'
        USING HINT = 'SET LOCAL {PREFIX}.maintenance = ''on'' lets it through';
END $$;
CREATE TRIGGER {PREFIX}_keep_version BEFORE UPDATE OR DELETE ON {PREFIX}_version
    FOR EACH ROW EXECUTE FUNCTION {PREFIX}_keep_version();
"""


def upgrade() -> None:
    op.create_table(
        f"{PREFIX}_version",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("change_count", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("base", sa.Integer),
        sa.Column("published", TIME, nullable=False),
        sa.PrimaryKeyConstraint("number", name=f"{PREFIX}_version_pkey"),
    )
    op.execute(KEEP)
    op.create_table(
        f"{PREFIX}_generation",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("shipped", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"{PREFIX}_generation_pkey"),
    )
    op.create_table(
        f"{PREFIX}_draft",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"{PREFIX}_draft_pkey"),
    )
    op.create_table(
        f"{PREFIX}_draft_revision",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("saved", TIME, nullable=False),
        sa.Column("undoes", sa.Integer),
        sa.PrimaryKeyConstraint("number", name=f"{PREFIX}_draft_revision_pkey"),
    )
    op.create_table(
        f"{PREFIX}_suggestion",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("answered_by", sa.Text, nullable=False),
        sa.Column("answered", TIME),
        sa.PrimaryKeyConstraint("id", name=f"{PREFIX}_suggestion_pkey"),
    )


def downgrade() -> None:
    for name in ("suggestion", "draft_revision", "draft", "generation", "version"):
        op.drop_table(f"{PREFIX}_{name}")
    op.execute(f"DROP FUNCTION IF EXISTS {PREFIX}_keep_version()")
