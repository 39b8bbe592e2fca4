"""lists and numbers that do not grow

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

RESULTS = ('open', 'rejected', 'withdrew', 'duplicate', 'hired')
PENDING = "status = 'rejected' AND notified_at IS NULL"
RUNS_WITH_A_DATE = "status = 'open' AND retain_until IS NOT NULL"
TRIGGERS = {
    'applications': (
        'listed_applications_insert', 'listed_applications_update', 'applications_counted_insert',
        'applications_counted_update', 'applications_counted_delete',
    ),
    'candidates': ('listed_applications_person',),
}  # fmt: skip
FUNCTIONS = ('relay_list_applications', 'relay_list_person', 'relay_count_applications', 'relay_count_listed')


def upgrade() -> None:
    op.create_table('listed_applications',
    sa.Column('application_id', BigId, autoincrement=False, nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('position_id', BigId, nullable=False),
    sa.Column('stage', sa.String(length=100), nullable=False),
    sa.Column('status', _status(), nullable=False),
    sa.Column('retain_until', sa.Date(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'application_id'], ['applications.company_id', 'applications.id'], name=op.f('fk_listed_applications_company_id_application_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_listed_applications'))
    )
    op.create_table('application_counts',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('position_id', BigId, nullable=False),
    sa.Column('stage', sa.String(length=100), nullable=False),
    sa.Column('status', _status(), nullable=False),
    sa.Column('listed', sa.Boolean(), nullable=False),
    sa.Column('pending', sa.Boolean(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_application_counts_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_counts')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_application_counts_company_id_id')),
    sqlite_autoincrement=True
    )
    _fill()
    op.create_index('ix_listed_applications_company', 'listed_applications', ['company_id', 'application_id'], unique=False)
    for name in ('position', 'status', 'stage'):
        column = 'position_id' if name == 'position' else name
        op.create_index(f'ix_listed_applications_{name}', 'listed_applications', ['company_id', column, 'application_id'], unique=False)
    op.create_index('ix_listed_applications_dated', 'listed_applications', ['company_id', 'retain_until', 'candidate_id'], unique=False, sqlite_where=sa.text(RUNS_WITH_A_DATE), postgresql_where=sa.text(RUNS_WITH_A_DATE))
    op.create_index('ix_application_counts_cell', 'application_counts', ['company_id', 'listed', 'position_id', 'stage', 'status', 'pending', 'n'], unique=False)
    op.create_index('ix_application_counts_pending', 'application_counts', ['company_id', 'pending', 'position_id', 'stage', 'n'], unique=False)
    op.drop_index('ix_applications_company_status_notified', table_name='applications')
    op.create_index('ix_applications_company_status', 'applications', ['company_id', 'status', 'id'], unique=False)
    op.create_index('ix_applications_pending', 'applications', ['company_id', sa.text("coalesce(applied_on, '9999-12-31')"), 'id'], unique=False, sqlite_where=sa.text(PENDING), postgresql_where=sa.text(PENDING))

    op.create_index('ix_shares_partner_profile', 'shares', ['partner_id', 'profile_id', 'company_id', 'until'], unique=False)


def downgrade() -> None:
    on_postgresql = op.get_context().dialect.name == 'postgresql'
    for table, names in TRIGGERS.items():
        for name in names:
            op.execute(f'DROP TRIGGER IF EXISTS {name}' + (f' ON {table}' if on_postgresql else ''))
    op.drop_index('ix_shares_partner_profile', table_name='shares')
    op.drop_index('ix_applications_pending', table_name='applications')
    op.drop_index('ix_applications_company_status', table_name='applications')
    op.create_index('ix_applications_company_status_notified', 'applications', ['company_id', 'status', 'notified_at', 'id'], unique=False)
    op.drop_table('listed_applications')
    op.drop_table('application_counts')
    for name in FUNCTIONS if on_postgresql else ():
        op.execute(f'DROP FUNCTION IF EXISTS {name}()')


def _status() -> sa.Enum:
    return sa.Enum(*RESULTS, name='status', native_enum=False, create_constraint=True, length=24)


def _fill() -> None:
    """From here on triggers keep both tables; they are made when the migration ends (env.py)."""
    op.execute("""
        INSERT INTO listed_applications (application_id, candidate_id, company_id, position_id, stage, status, retain_until)
        SELECT a.id, a.candidate_id, a.company_id, coalesce(a.position_id, 0), a.stage, a.status, c.retain_until
        FROM applications a JOIN candidates c ON c.id = a.candidate_id
        WHERE a.status = 'open' OR c.basis = 'selection'
    """)
    into = 'INSERT INTO application_counts (company_id, position_id, stage, status, listed, pending, n)'
    op.execute(f"""
        {into} SELECT company_id, coalesce(position_id, 0), stage, status, FALSE, ({PENDING}), count(*)
        FROM applications GROUP BY 1, 2, 3, 4, 6
    """)  # noqa: S608
    op.execute(f"""
        {into} SELECT company_id, position_id, stage, status, TRUE, FALSE, count(*)
        FROM listed_applications GROUP BY 1, 2, 3, 4
    """)  # noqa: S608
