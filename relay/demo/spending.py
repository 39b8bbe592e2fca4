"""The demo's costs of hiring: what its media took month by month, the fees of its agency, and the year before."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.demo.organisations import DemoOrganisations
from relay.insight.costs import baseline, months
from relay.insight.costs.baseline import Baseline
from relay.models import Actor, Application, ApplicationResult, CostKind, act_as, scopes

A_MONTH = {"Indeed": 45_000, "doda": 80_000, "リクナビNEXT": 60_000}
FAIR = "合同説明会"
OF_FAIR = 150_000
SPRING = (4, 10)
"""The months of the fairs."""
AGENCY = "エージェント"
FEE = 1_120_000
BEFORE = Baseline(advertising_yen=3_360_000, agency_fee_yen=6_720_000, hires=9, fee_rate=Decimal(35))


def keep_costs(session: Session, organisations: DemoOrganisations) -> None:
    """Keep a year of costs, as HR would type them, and commit."""
    company_id, by = organisations.company.id, organisations.hr.id
    with scopes.company(session, company_id):
        act_as(session, Actor("user", by))
        for place, month in enumerate(months.last_months()):
            for channel, yen in A_MONTH.items():
                spent = yen + (place % 3) * 5_000
                months.set_cost(session, company_id, month, CostKind.ADVERTISING, channel, spent, by_user_id=by)
            if month.month in SPRING:
                months.set_cost(session, company_id, month, CostKind.OTHER, FAIR, OF_FAIR, by_user_id=by)
        by_agency = (Application.status == ApplicationResult.HIRED, Application.channel == AGENCY)
        for application_id in session.scalars(select(Application.id).where(*by_agency)).all():
            months.hire_fee(session, company_id, application_id, FEE, by_user_id=by)
        baseline.keep(session, company_id, BEFORE, by_user_id=by)
    session.commit()
