"""the credit each line of the ledger is about, and how many are set aside after it

Revision ID: 0048
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op

from relay.models import triggers
from relay.models.base import BigId

revision = '0048'
down_revision = "0047"
branch_labels = None
depends_on = None

TABLE = 'credit_entries'
LINES = sa.table(
    TABLE,
    *(sa.column(name) for name in ('id', 'company_id', 'sequence', 'kind', 'reservation_id', 'reverses_id')),
    *(sa.column(name) for name in ('credit_id', 'set_aside')),
)
HELD = {'reserved': 1, 'released': -1, 'spent': -1}


def upgrade() -> None:
    """Lines of before are read from the first on, by the rule of today: a request sets the oldest free credit aside."""
    triggers.remove(op.get_bind())  # the ledger is append-only; the guards are made anew after the upgrade
    with op.batch_alter_table(TABLE) as batch:
        batch.add_column(sa.Column('set_aside', sa.Integer(), nullable=False, server_default='0'))
        batch.add_column(sa.Column('credit_id', BigId, nullable=True))
    _name_the_credits()
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column('set_aside', existing_type=sa.Integer(), existing_nullable=False, server_default=None)
        batch.create_foreign_key(
            op.f('fk_credit_entries_company_id_credit_id'), TABLE, ['company_id', 'credit_id'], ['company_id', 'id']
        )
        batch.create_check_constraint(op.f('ck_credit_entries_set_aside'), 'set_aside >= 0')
        batch.create_check_constraint(
            op.f('ck_credit_entries_about_a_credit'), "(kind = 'earned') = (credit_id IS NULL)"
        )
        batch.create_index('ix_credit_entries_company_credit', ['company_id', 'credit_id', 'sequence'], unique=False)
        batch.create_index('ix_credit_entries_company_at', ['company_id', 'at', 'sequence'], unique=False)


def _name_the_credits() -> None:
    connection = op.get_bind()
    wanted = [each for each in LINES.c if each.name not in ('credit_id', 'set_aside')]
    company_id, free, of_line, held = None, [], {}, 0
    for line in connection.execute(sa.select(*wanted).order_by(LINES.c.company_id, LINES.c.sequence)).all():
        if line.company_id != company_id:
            company_id, free, of_line, held = line.company_id, [], {}, 0
        credit = _credit(line, free, of_line)
        of_line[line.id] = credit
        held += HELD.get(line.kind, 0)
        values = {'credit_id': None if line.kind == 'earned' else credit, 'set_aside': held}
        connection.execute(sa.update(LINES).where(LINES.c.id == line.id).values(values))


def _credit(line: sa.Row, free: list[int], of_line: dict[int, int]) -> int:
    """Return the credit of a line, and move it among the free ones: `free` are their earned lines, oldest first."""
    if line.kind == 'earned':
        free.append(line.id)
        return line.id
    if line.kind in ('reserved', 'expired'):
        return free.pop(0)
    if line.kind == 'voided':
        # before, the line taken back could be one that a request held: then the request has the newest free one
        if line.reverses_id not in free:
            other = free.pop()
            of_line.update({each: other for each, credit in of_line.items() if credit == line.reverses_id})
        else:
            free.remove(line.reverses_id)
        return line.reverses_id
    credit = of_line[line.reservation_id or line.reverses_id]
    if line.kind in ('released', 'restored'):
        free.append(credit)
        free.sort()
    return credit


def downgrade() -> None:
    triggers.remove(op.get_bind())
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_index('ix_credit_entries_company_at')
        batch.drop_index('ix_credit_entries_company_credit')
        batch.drop_constraint(op.f('ck_credit_entries_about_a_credit'), type_='check')
        batch.drop_constraint(op.f('ck_credit_entries_set_aside'), type_='check')
        batch.drop_constraint(op.f('fk_credit_entries_company_id_credit_id'), type_='foreignkey')
        batch.drop_column('credit_id')
        batch.drop_column('set_aside')
