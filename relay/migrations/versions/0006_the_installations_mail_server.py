"""the installation's mail server: letters about logins travel by it alone (C-24)

Where the settings name no server, the operating company's carried the mails of the others. It is marked as the
installation's, so that nobody is locked out; the operator is asked to confirm it or to name another.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from flask import current_app, has_app_context
from relay.config import Settings
from relay.models.base import BigId, UtcDateTime
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('installation_mail_server',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('tested_at', UtcDateTime(), nullable=True),
    sa.Column('confirmed_at', UtcDateTime(), nullable=True),
    sa.Column('host', sa.String(length=200), nullable=False),
    sa.Column('port', sa.Integer(), nullable=False),
    sa.Column('tls', sa.Enum('starttls', 'tls', 'none', name='tls', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('username', sa.String(length=254), nullable=False),
    sa.Column('password', sa.String(length=1000), nullable=False),
    sa.Column('sender', sa.String(length=254), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('changed_by_user_id', BigId, nullable=True),
    sa.CheckConstraint('id = 1', name=op.f('ck_installation_mail_server_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_installation_mail_server')),
    sqlite_autoincrement=True
    )
    if _a_company_carried_the_others():
        _mark_its_server()


def downgrade() -> None:
    op.drop_table('installation_mail_server')


def _a_company_carried_the_others() -> bool:
    """Neither where the settings name a server, nor in development, which has the mailbox."""
    if not has_app_context():
        return True
    settings: Settings = current_app.config['RELAY']
    return not settings.mail_host and not settings.development


def _mark_its_server() -> None:
    """A real operator comes before the demo, as it did when mails were sent."""
    op.execute("""
        INSERT INTO installation_mail_server
            (id, host, port, tls, username, password, sender, changed_at, changed_by_user_id, tested_at)
        SELECT 1, host, port, tls, username, password, sender, changed_at, changed_by_user_id, mail_tested_at
        FROM mail_servers JOIN companies ON companies.id = mail_servers.company_id
        WHERE runs_installation ORDER BY demo, companies.id LIMIT 1
    """)
