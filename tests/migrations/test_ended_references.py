"""0040 gives references that ended before their line, where the person is known; a file becomes an opening again."""

from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.orm import Session

from relay import migrations
from relay.models import Consent, ConsentWithdrawal, EndedReference, Profile, ProvisionKind, ProvisionRecord, scopes
from tests.migrations.everything import fill


def test_who_had_withdrawn_before_gets_a_line_with_both_days(database: Engine) -> None:
    migrations.upgrade(database)
    with Session(database) as session, scopes.everyone(session, "test"):
        fill(session)
        session.execute(delete(EndedReference))
        withdrawn = session.scalars(select(ConsentWithdrawal)).one()
        consent = session.get_one(Consent, withdrawn.consent_id)
        code = session.scalars(select(Profile.code)).one()
        expected = (code, withdrawn.partner_id, consent.partner_name, consent.given_at, withdrawn.at, None)
        session.commit()

    migrations.downgrade(database, "0036")
    migrations.upgrade(database)

    with Session(database) as session, scopes.everyone(session, "test"):
        line = session.scalars(select(EndedReference)).one()
        said = (line.person_code, line.partner_id, line.partner_name, line.registered_at, line.ended_at)
        assert (*said, line.deleted_at) == expected


def test_a_file_that_was_taken_is_an_opening_for_the_version_before(database: Engine) -> None:
    migrations.upgrade(database)
    with Session(database) as session, scopes.everyone(session, "test"):
        fill(session)
        first = session.scalars(select(ProvisionRecord)).one()
        names = [column.name for column in ProvisionRecord.__table__.columns if column.name != "id"]
        session.add(
            ProvisionRecord(**{name: getattr(first, name) for name in names} | {"kind": ProvisionKind.EXPORTED})
        )
        session.commit()

    migrations.downgrade(database, "0036")
    with database.connect() as connection:
        kinds = connection.scalars(text("SELECT kind FROM provision_records ORDER BY id")).all()
    assert kinds == ["made_available", "viewed"]
    migrations.upgrade(database)
    with Session(database) as session, scopes.everyone(session, "test"):
        assert session.scalar(select(func.count()).select_from(ProvisionRecord)) == 2
