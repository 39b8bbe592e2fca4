"""0060 keeps with each referral the credit in force that it is behind: what the ledger says of each."""

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from relay import migrations
from relay.network import credits, ledger_check, referrals
from tests.cast import make_company
from tests.db.network.test_ledger import fill, referral_id
from tests.migrations.stages import steps

KEPT = text(
    "SELECT r.number, e.sequence FROM referrals AS r LEFT JOIN credit_entries AS e ON e.id = r.credit_id ORDER BY 1"
)


def test_the_credit_of_each_referral_is_read_from_the_ledger(newest: Engine) -> None:
    """The second credit is taken back with its ten, of which one is void; the first is spent, one of its ten void."""
    with Session(newest) as session:
        company = make_company(session, "acme")
        fill(session, company, 25)
        held = credits.reserve(session, company.id, "経理の募集")
        credits.spend(session, company.id, held.id, "面談")
        for number in (15, 3, 21, 22, 23, 24):
            referrals.void(session, company.id, referral_id(session, company, number), "二重の登録")
        session.commit()
        assert ledger_check.verify(session, company.id) == []
        before = session.execute(KEPT).all()
    assert [sequence for number, sequence in before] == [1] * 10 + [None] * 15
    migrations.downgrade(newest, dict(steps())["0060"])
    migrations.upgrade(newest)
    with newest.connect() as connection:
        assert connection.execute(KEPT).all() == before
