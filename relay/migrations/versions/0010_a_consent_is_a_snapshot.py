"""a consent is a snapshot: the facts, the name and the legal person that were agreed to stand with it

Until now a partner was shown the present profile. Each consent gets today's facts, as far as its items go. Where a
later registration through another link may have overwritten them, what was written freely is left out, and the
person is asked on the own page.

Revision ID: 0010
Revises: 0009
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from relay.models import triggers
from relay.models.base import UtcDateTime
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

ITEMS = ('name', 'kana', 'email', 'phone', 'desired_role', 'place', 'experience')
FREE = ('desired_role', 'place', 'experience')
PORTION = 1000
OVERWRITTEN = """p.updated_at > c.given_at AND EXISTS (SELECT 1 FROM consents later
  WHERE later.profile_id = c.profile_id AND later.id > c.id
  AND (later.via_company_id <> c.via_company_id OR later.via_relay_link_id <> c.via_relay_link_id))"""
"""A consent c, given before its person p wrote the profile again through another link."""
NAME_THEN = """(SELECT r.person_name FROM provision_records r
  WHERE r.profile_id = c.profile_id AND r.consent_id = c.id AND r.kind = 'made_available' ORDER BY r.id LIMIT 1)"""
"""The name as it was recorded with the consent."""


def upgrade() -> None:
    with op.batch_alter_table('partners') as batch:
        batch.add_column(sa.Column('corporate_number', sa.String(length=13), nullable=True))
    with op.batch_alter_table('partnerships') as batch:
        batch.add_column(sa.Column('look_up_by', sa.Date(), nullable=True))
    with op.batch_alter_table('profiles') as batch:
        batch.add_column(sa.Column('unshared_since', UtcDateTime(), nullable=True))
    triggers.remove(op.get_bind())  # consents are append-only; the guards are made anew after the upgrade
    with op.batch_alter_table('consents') as batch:
        batch.add_column(sa.Column('facts', sa.JSON(), nullable=False, server_default='{}'))
        batch.add_column(sa.Column('partner_name', sa.String(length=200), nullable=False, server_default=''))
        batch.add_column(sa.Column('legal_identity', sa.String(length=20), nullable=False, server_default=''))
    op.execute("""UPDATE consents SET
      partner_name = (SELECT name FROM partners WHERE partners.id = consents.partner_id),
      legal_identity = (SELECT coalesce(license_number, '') FROM partners WHERE partners.id = consents.partner_id)""")
    for portion in _consents():
        _write_facts(portion)
    op.execute(f"""UPDATE profiles SET unshared_since = updated_at WHERE id IN (
      SELECT c.profile_id FROM consents c JOIN profiles p ON p.id = c.profile_id WHERE {OVERWRITTEN})""")
    with op.batch_alter_table('consents') as batch:
        for column, kind in (('facts', sa.JSON()), ('partner_name', sa.String(200)), ('legal_identity', sa.String(20))):
            batch.alter_column(column, existing_type=kind, existing_nullable=False, server_default=None)


def downgrade() -> None:
    triggers.remove(op.get_bind())
    with op.batch_alter_table('consents') as batch:
        for column in ('legal_identity', 'partner_name', 'facts'):
            batch.drop_column(column)
    with op.batch_alter_table('profiles') as batch:
        batch.drop_column('unshared_since')
    with op.batch_alter_table('partnerships') as batch:
        batch.drop_column('look_up_by')
    with op.batch_alter_table('partners') as batch:
        batch.drop_column('corporate_number')


def _consents() -> Iterator[list[Any]]:
    """Each consent with its person's facts of today, a portion at a time."""
    columns = ', '.join(f'p.{item}' for item in ITEMS if item != 'name')
    wanted = sa.text(f"""SELECT c.id, c.items AS agreed_items, CASE WHEN {OVERWRITTEN} THEN 1 ELSE 0 END AS overwritten,
      coalesce({NAME_THEN}, p.name) AS name, {columns}
      FROM consents c JOIN profiles p ON p.id = c.profile_id WHERE c.id > :after ORDER BY c.id LIMIT {PORTION}""")
    wanted = wanted.columns(agreed_items=sa.JSON())
    after = 0
    while portion := op.get_bind().execute(wanted, {'after': after}).mappings().all():
        yield list(portion)
        after = portion[-1]['id']


def _write_facts(portion: list[Any]) -> None:
    consents = sa.table('consents', sa.column('id'), sa.column('facts', sa.JSON))
    hidden = {True: FREE, False: ()}
    op.get_bind().execute(
        sa.update(consents).where(consents.c.id == sa.bindparam('which')).values(facts=sa.bindparam('agreed')),
        [
            {
                'which': row['id'],
                'agreed': {
                    item: row[item]
                    for item in ITEMS
                    if item in row['agreed_items'] and row[item] and item not in hidden[bool(row['overwritten'])]
                },
            }
            for row in portion
        ],
    )
