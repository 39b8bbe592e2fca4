"""再スカウト: who was written to about which position, the answers, and a first text for each company

Revision ID: 0034
Revises: 0033
"""

from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

KINDS = ('result', 'apology', 'record-ends')
LETTER = 'rescout'
NAMES = ('再スカウト', '再スカウト（標準）')
SUBJECT = '【{{会社名}}】{{求人}}の募集のご案内'
BODY = """{{氏名}} 様

{{会社名}}の{{担当者}}です。以前は当社にご応募いただき、ありがとうございました。

このたび、{{求人}}の募集を始めました。これまでのご経験に合うと考え、ご連絡しました。

{{ひとこと}}

次のページで、募集の内容をご覧のうえ、お返事をお聞かせください。いまではないというお返事も、そのページから選べます。

{{会社名}} 採用担当
{{担当者}}"""


def _kinds(*kinds: str) -> None:
    with op.batch_alter_table('message_batches') as batch:
        batch.drop_constraint(op.f('ck_message_batches_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_message_batches_kind'), sa.column('kind').in_(kinds))


def upgrade() -> None:
    op.create_table('rescouts',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('position_id', BigId, nullable=False),
    sa.Column('message_id', BigId, nullable=False),
    sa.Column('application_id', BigId, nullable=True),
    sa.Column('answer', sa.Enum('yes', 'later', 'placed', 'stop', name='answer', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.Column('waits_until', sa.Date(), nullable=True),
    sa.Column('line', sa.String(length=200), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f('ck_rescouts_answered')),
    sa.CheckConstraint("waits_until IS NULL OR answer = 'later'", name=op.f('ck_rescouts_waits')),
    sa.CheckConstraint("line = '' OR answer = 'placed'", name=op.f('ck_rescouts_line')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_rescouts_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'position_id'], ['positions.company_id', 'positions.id'], name=op.f('fk_rescouts_company_id_position_id')),
    sa.ForeignKeyConstraint(['company_id', 'message_id'], ['messages.company_id', 'messages.id'], name=op.f('fk_rescouts_company_id_message_id')),
    sa.ForeignKeyConstraint(['company_id', 'application_id'], ['applications.company_id', 'applications.id'], name=op.f('fk_rescouts_company_id_application_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_rescouts_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rescouts')),
    sa.UniqueConstraint('company_id', 'application_id', name=op.f('uq_rescouts_company_id_application_id')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_rescouts_company_id_id')),
    sa.UniqueConstraint('company_id', 'message_id', name=op.f('uq_rescouts_company_id_message_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_rescouts_company_answer', 'rescouts', ['company_id', 'answer', 'answered_at'], unique=False)
    op.create_index('ix_rescouts_company_candidate', 'rescouts', ['company_id', 'candidate_id', 'id'], unique=False)
    op.create_index('ix_rescouts_company_position', 'rescouts', ['company_id', 'position_id', 'id'], unique=False)
    _kinds(*KINDS, LETTER)
    _give_texts()


def downgrade() -> None:
    """What was written and answered goes; the mails that were sent stay, as words of another letter cannot be shown."""
    op.execute(f"UPDATE message_batches SET kind = 'result' WHERE kind = '{LETTER}'")  # noqa: S608  (a word of ours)
    _kinds(*KINDS)
    op.drop_index('ix_rescouts_company_position', table_name='rescouts')
    op.drop_index('ix_rescouts_company_candidate', table_name='rescouts')
    op.drop_index('ix_rescouts_company_answer', table_name='rescouts')
    op.drop_table('rescouts')


def _give_texts() -> None:
    """Give each company the text it begins with, unless it was upgraded once before; a name may be taken."""
    connection, now = op.get_bind(), datetime.now(timezone.utc)
    template = sa.table(
        'mail_templates', sa.column('id', BigId), sa.column('company_id', BigId), sa.column('letter', sa.String),
        sa.column('name', sa.String), sa.column('created_at', UtcDateTime()),
    )
    version = sa.table(
        'mail_template_versions', sa.column('company_id', BigId), sa.column('template_id', BigId),
        sa.column('version', sa.Integer), sa.column('subject', sa.String), sa.column('body', sa.Text),
        sa.column('created_at', UtcDateTime()),
    )
    named = connection.execute(sa.select(template.c.company_id, template.c.name, template.c.letter)).all()
    has_texts = {row.company_id for row in named}
    has_one = {row.company_id for row in named if row.letter == LETTER}
    taken = {(row.company_id, row.name) for row in named}
    for company in sorted(has_texts - has_one):
        name = next((name for name in NAMES if (company, name) not in taken), None)
        if name is None:
            continue
        values = {'company_id': company, 'letter': LETTER, 'name': name, 'created_at': now}
        made = connection.scalar(sa.insert(template).values(values).returning(template.c.id))
        connection.execute(sa.insert(version).values(
            company_id=company, template_id=made, version=1, subject=SUBJECT, body=BODY, created_at=now,
        ))
