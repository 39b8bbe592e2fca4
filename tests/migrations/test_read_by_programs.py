"""0075 knows people that programs read: for the version before, a reading is an opening again."""

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from relay import migrations
from relay.models import ProvisionKind, ProvisionRecord, scopes
from tests.migrations.everything import fill


def test_a_reading_is_an_opening_for_the_version_before(database: Engine) -> None:
    migrations.upgrade(database)
    with Session(database) as session, scopes.everyone(session, "test"):
        fill(session)
        first = session.scalars(select(ProvisionRecord)).one()
        names = [column.name for column in ProvisionRecord.__table__.columns if column.name != "id"]
        changed = {"kind": ProvisionKind.READ_BY_API, "api_key_id": 7}
        session.add(ProvisionRecord(**{name: getattr(first, name) for name in names} | changed))
        session.commit()

    migrations.downgrade(database, "0068")
    with database.connect() as connection:
        kinds = connection.scalars(text("SELECT kind FROM provision_records ORDER BY id")).all()
    assert kinds == ["made_available", "viewed"]
    migrations.upgrade(database)
    with Session(database) as session, scopes.everyone(session, "test"):
        assert session.scalars(select(ProvisionRecord.api_key_id)).all() == [None, None]
