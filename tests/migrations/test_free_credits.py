"""0049 keeps beside the ledger which credits are free: what its lines say, whatever became of each."""

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from relay import migrations
from relay.network import credits, ledger_check, referrals
from tests.cast import make_company
from tests.db.network.test_ledger import fill, referral_id
from tests.migrations.stages import steps

KEPT = text("SELECT company_id, credit_id FROM free_credits ORDER BY company_id, credit_id")
PLACES = text("SELECT sequence FROM credit_entries AS e JOIN free_credits AS f ON e.id = f.credit_id ORDER BY 1")


def test_free_credits_are_read_from_the_lines(newest: Engine) -> None:
    """The first is restored, the second held, the third released, the fourth spent, the fifth taken back."""
    with Session(newest) as session:
        company = make_company(session, "acme")
        fill(session, company, 60)
        held = [credits.reserve(session, company.id, "経理の募集") for _each in range(4)]
        spent = [credits.spend(session, company.id, held[each].id, "面談") for each in (0, 3)]
        credits.restore(session, company.id, spent[0].id, "面談が実現しなかった")
        credits.release(session, company.id, held[2].id, "期限")
        referrals.void(session, company.id, referral_id(session, company, 45), "二重の登録")
        session.commit()
        assert ledger_check.verify(session, company.id) == []
        places = session.scalars(PLACES).all()
        before = session.execute(KEPT).all()
    assert places == [1, 3, 6]
    migrations.downgrade(newest, dict(steps())["0049"])
    migrations.upgrade(newest)
    with newest.connect() as connection:
        assert connection.execute(KEPT).all() == before
