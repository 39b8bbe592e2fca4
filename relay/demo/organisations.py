"""The organisations of the demo: one manufacturer, two agencies, a school, and the people who sign in there."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from relay import clock
from relay.identity import companies, installation, users
from relay.models import Actor, Company, Partner, PartnerKind, ResultsFrom, Role, User, act_as, scopes
from relay.network import honouring, partners, partnerships
from relay.outreach import templates
from relay.rights import privacy_draft
from relay.trust import privacy

HR, PRESIDENT, AGENT = "hr@demo.example", "president@demo.example", "agent@demo.example"
PASSWORD_FILE = "demo-password"  # noqa: S105  (the name of a file in instance/, written when the demo is made)
PIN = "7294"
"""The 暗証番号 of everyone who registered in the demo."""
AGENT_ELSEWHERE, TEACHER = "agent2@demo.example", "school@demo.example"


@dataclass(frozen=True)
class DemoOrganisations:
    """Everyone the year is told with."""

    company: Company
    hr: User
    agencies: tuple[Partner, Partner]
    agents: tuple[User, User]
    school: Partner
    teacher: User


def create_organisations(session: Session, password: str) -> DemoOrganisations:
    """Make the company, its partners and their logins, all with one password and marked as demo."""
    company = companies.create_company(session, "hinata", COMPANY, live=True, demo=True)
    company.second_factor_required = False
    templates.install_defaults(session, company.id)
    hr = _user(session, company, HR, "佐伯 美咲", Role.ADMIN, password)
    _user(session, company, PRESIDENT, "日向 正人", Role.VIEWER, password)
    _make_ready(session, company, hr)
    tsumugi, michibiki = _agency(session, 0), _agency(session, 1)
    school = _school(session)
    for partner in (tsumugi, michibiki, school):
        partnership = partners.start_partnership(session, company.id, partner.id)
        partnership.accepted_on = max(
            partnership.accepted_on, partnerships.rules_of(partnership.rules_version).since
        )  # they took the newest version later
    agents = (
        _user(session, tsumugi, AGENT, "川端 悠", Role.LEAD, password),
        _user(session, michibiki, AGENT_ELSEWHERE, "三枝 恵", Role.LEAD, password),
    )
    for lead, introductions in zip(agents, (4, 2), strict=True):
        partner_id = scopes.required(lead.partner_id)
        honouring.promise(session, company.id, partner_id, introductions, fee_table_allows=True, by_user_id=lead.id)
    return DemoOrganisations(
        company=company,
        hr=hr,
        agencies=(tsumugi, michibiki),
        agents=agents,
        school=school,
        teacher=_user(session, school, TEACHER, "藤森 学", Role.LEAD, password),
    )


def _make_ready(session: Session, company: Company, hr: User) -> None:
    """Do what a company does before it goes live: the first mail tested, the privacy text public, the law answered."""
    act_as(session, Actor("user", hr.id))
    companies.set_results_from(session, company, ResultsFrom.RELAY)
    company.mail_tested_at = clock.now()
    privacy.save(session, company, privacy_draft.proposal(company), by_user_id=hr.id)
    privacy.publish(session, company)
    if company.runs_installation and installation.get(session) is None:
        installation.describe(session, company, OPERATOR)
        installation.answer(session, company, installation.Answer(waiver_with=WAIVER, waiver_on=clock.today()))


OPERATOR = installation.Operator(
    operator_name="株式会社ひなた精工（デモ）",
    operator_address="長野県岡谷市本町0-1-2",
    operator_contact="relay@hinata-seiko.example",
)
WAIVER = "架空の労働局（デモ）"
COMPANY = companies.CompanyDetails(
    name="株式会社ひなた精工",
    address="長野県岡谷市本町0-1-2",
    representative="日向 正人",
    contact="0266-00-0000（採用担当、平日9時から17時）",
    reply_to="saiyo@hinata-seiko.example",
)
_AGENCIES = (
    (
        "tsumugi",
        "つむぎエージェント株式会社",
        "20-ユ-999901",
        "4100010000901",
        "長野県松本市中央0-3-1",
        "紬 一郎",
        "製造業の技術職を中心に、長野・山梨の求人を扱っています。",
    ),
    (
        "michibiki",
        "株式会社ミチビキキャリア",
        "13-ユ-999902",
        "4010010000902",
        "東京都千代田区丸の内0-8-1",
        "導 さおり",
        "管理部門と営業職を中心に、全国の求人を扱っています。",
    ),
)


def _agency(session: Session, which: int) -> Partner:
    slug, name, license_number, corporate_number, address, representative, about = _AGENCIES[which]
    partner = partners.create_partner(
        session,
        slug=slug,
        kind=PartnerKind.AGENCY,
        name=name,
        address=address,
        representative=representative,
        contact=f"privacy@{slug}.example",
        about=about,
        corporate_number=corporate_number,
        license_number=license_number,
        license_until=clock.today() + timedelta(days=3 * 365),
        checked_by="demo",
    )
    partner.demo, partner.second_factor_required = True, False
    partner.license_since = clock.today() - timedelta(days=2 * 365)
    partner.manager = representative
    partner.complaints = f"苦情相談窓口 privacy@{slug}.example"
    partner.notices_url = f"https://{slug}.example/notices"
    partner.fees_url = f"https://{slug}.example/fees"
    return partner


def _school(session: Session) -> Partner:
    partner = partners.create_partner(
        session,
        slug="mirai",
        kind=PartnerKind.SCHOOL,
        name="学校法人みらい実務学院",
        address="長野県諏訪市大手0-2-5",
        representative="藤森 学",
        contact="privacy@mirai.example",
        corporate_number="3100050000903",
        about="働きながら通える、ものづくりと会計の夜間講座があります。",
        checked_by="demo",
    )
    partner.demo, partner.second_factor_required = True, False
    return partner


def _user(session: Session, organisation: Company | Partner, email: str, name: str, role: Role, password: str) -> User:
    """Create a login that goes straight to its pages: the notice counts as accepted."""
    user = users.create_user(session, organisation, email=email, name=name, role=role, password=password)
    user.confidentiality_at = clock.now()
    return user
