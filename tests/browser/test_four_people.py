"""A free introduction, end to end: HR of two companies, an agent and a candidate, each at a window, all at once.

A press is counted: a link, a button, a box on a page. A link in a mail is how each of them arrives, and what is typed
is none. What each may see is asked before and after each act.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock, config, create_app
from relay.extensions import begin_writing, db
from relay.hiring import positions
from relay.introductions import guarantees, jobs
from relay.models import Company, Partner, Partnership, Slot, scopes
from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.test_two_agencies import SECOND_HR, TSUMUGI, open_second_company, tell_one
from tests.db.hiring.test_passing_on import WHOLE
from tests.db.introductions.build import GUARANTEE, offer
from tests.db.network.test_ledger import fill
from tests.installation import Installation, link_to, wait_until

AGENT = people.AGENCIES[TSUMUGI]
TENTH = "登録 十番"
PERSON, ADDRESS, TELEPHONE = "花野 咲", "saki@mail.example", "090-1111-2222"
TITLE = "治具の設計と改善"
MOST = {"HR": 6, "agent": 3, "candidate": 3}


class Side:
    """One of the four, and how often something was pressed."""

    def __init__(self, chromium: Browser, site: Installation, *, width: int, login: str = "") -> None:
        self.window = Window(chromium, width=width, script=True)
        self.page: Page = self.window.page
        self.presses = 0
        self.site = site
        if login:
            people.open_session(self.page, site, login)

    def press(self, what: Locator) -> None:
        """Press something, and count it."""
        self.presses += 1
        what.click()

    def reads(self, path: str) -> str:
        """The text of a page, asked for without drawing it."""
        answer = self.page.request.get(path if path.startswith("http") else f"{self.site.url}{path}")
        assert answer.ok, f"{path}: {answer.status}"
        return re.sub(r"<[^>]+>", "", answer.text())

    def status(self, path: str) -> int:
        """What the server answers."""
        return self.page.request.get(path if path.startswith("http") else f"{self.site.url}{path}").status


def test_from_the_tenth_registration_to_a_hire(site: Installation, chromium: Browser) -> None:
    open_second_company(site)
    site.relay("partnership", "create", "--company", "midori", "--partner", "tsumugi")
    _prepare(site)
    site.start()
    hr = Side(chromium, site, width=1440, login=people.HR)
    other = Side(chromium, site, width=1440, login=SECOND_HR)
    agent = Side(chromium, site, width=1440, login=AGENT)
    candidate = Side(chromium, site, width=390)

    assert "まだ依頼はありません" in hr.reads("/introductions")
    assert TITLE not in agent.reads("/agency/requests")
    _sees_nothing(other)
    assert "あと1名" in re.sub(r"\s", "", hr.reads("/credits"))
    _the_tenth_registers(site, chromium)
    assert "紹介枠の残り1件" in re.sub(r"\s", "", hr.reads("/")), "the tenth registration earned a credit"
    _sees_nothing(other)

    asked = _hr_asks(hr)
    assert "つむぎエージェント株式会社の番です" in hr.reads(asked)
    assert TITLE in agent.reads("/agency/requests")
    _names_nobody(agent, hr, asked)
    _sees_nothing(other, asked)

    link = _agent_makes_the_link(agent, site)
    assert "ご本人の番です" in hr.reads(asked)
    assert link.rsplit("/", 1)[1] not in hr.reads(asked), "HR has no way to the link"
    assert link.rsplit("/", 1)[1] not in agent.reads(agent.page.url), "and it is shown once"
    _names_nobody(agent, hr, asked)
    _sees_nothing(other, asked)

    _candidate_says_yes(candidate, link, hr, asked)
    assert candidate.status(link) == 410, "single use"
    assert "面談の予定あり" in hr.reads(asked)
    applicants = hr.reads("/applications?end=open")
    assert PERSON in applicants
    _agent_reads(agent, "面談の予定があります")
    _sees_nothing(other, asked)

    reminder = _the_interview_passes(site)
    hr.page.goto(reminder)
    hr.press(hr.page.get_by_role("button", name="記録する", exact=True))
    expect(hr.page.locator("main")).to_contain_text("面談済み")
    _agent_reads(agent, "面談済み")
    _sees_nothing(other, asked)

    hr.press(hr.page.get_by_role("button", name="入社を記録する"))
    expect(hr.page.locator(".page-head")).to_contain_text("採用")
    _agent_reads(agent, "面談済み")
    assert "採用になりました" not in agent.reads("/agency/requests")
    _sees_nothing(other, asked)
    home = re.sub(r"\s", "", hr.reads("/"))
    for number in ("登録10名", "紹介枠1件", "面談1件", "採用1名"):
        assert number in home, number

    presses = {"HR": hr.presses, "agent": agent.presses, "candidate": candidate.presses}
    print(f"presses from the credit to the hire: {presses}")  # noqa: T201  (the figures of the note)
    assert all(presses[side] <= most for side, most in MOST.items()), presses
    mailed = [str(mail["To"]) for mail in site.smtp.received if "紹介の依頼" in str(mail["Subject"])]
    assert set(mailed) <= {people.HR, AGENT}, "no mail about a request goes to anybody else"
    for side in (hr, other, agent, candidate):
        side.window.close()


def _hr_asks(hr: Side) -> str:
    """From home to the request in four presses; returns its address."""
    hr.page.goto(f"{hr.site.url}/")
    hr.press(hr.page.get_by_role("link", name="紹介を依頼する"))
    hr.press(hr.page.get_by_role("link", name=f"{TITLE}：この求人で依頼する", exact=True))
    hr.press(hr.page.get_by_role("button", name="内容を確認する"))
    expect(hr.page.locator("main")).to_contain_text("採用担当")
    hr.press(hr.page.get_by_role("button", name="紹介枠を1件使って依頼する"))
    expect(hr.page.locator("main")).to_contain_text("確保中")
    return hr.page.url


def _agent_makes_the_link(agent: Side, site: Installation) -> str:
    """From the mail, without signing in again; returns the link the agent sends in its own mail."""
    wait_until(lambda: site.smtp.to(AGENT), "the agent is asked")
    agent.page.goto(link_to(site.smtp.to(AGENT)[-1], "/asked/"))
    expect(agent.page.locator("main")).to_contain_text("採用が決まっても紹介手数料は0円です")
    agent.press(agent.page.get_by_role("button", name="紹介リンクを作成する"))
    written = agent.page.get_by_label("メールに貼り付ける文").input_value()
    agent.press(agent.page.get_by_role("button", name="すべてコピーする"))
    agent.page.goto(agent.page.url.removesuffix("/link"))
    found = re.search(r"https?://\S+/introductions/\S+", written)
    assert found is not None, written
    return found[0]


def _candidate_says_yes(candidate: Side, link: str, hr: Side, asked: str) -> None:
    """Read who introduces and what is promised; nothing is told before the press, and the name after it."""
    page = candidate.page
    page.goto(link)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for words in ("株式会社ひなた精工", TITLE, TSUMUGI, "20-ユ-999900", "書類選考は通過した扱い"):
        expect(page.locator("main")).to_contain_text(words)
    candidate.press(page.get_by_role("radio").first)
    page.get_by_label(re.compile("^氏名")).fill(PERSON)
    page.get_by_label(re.compile("^メールアドレス")).fill(ADDRESS)
    page.get_by_label(re.compile("^電話番号")).fill(TELEPHONE)
    candidate.press(page.get_by_role("checkbox", name=re.compile("歳以上です")))
    assert PERSON not in hr.reads(asked) + hr.reads("/applications?end=open"), "the press alone tells it"
    candidate.press(page.get_by_role("button", name="この会社に氏名と連絡先を伝え、この日時の面談を希望します"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("面談を受け付けました")


def _sees_nothing(other: Side, asked: str = "") -> None:
    """HR of the other company: neither the request nor the person, though it works with the same agency."""
    assert "まだ依頼はありません" in other.reads("/introductions")
    for path in ("/", "/introductions", "/credits", "/applications?end=open", "/positions", "/audit"):
        if other.status(path) == 200:
            said = other.reads(path)
            assert not [word for word in (TITLE, PERSON, ADDRESS, "株式会社ひなた精工") if word in said], path
    if asked:
        assert other.status(asked) == 404


def _names_nobody(agent: Side, hr: Side, asked: str) -> None:
    """Before the yes there is no person: neither HR nor the agent reads a name."""
    for side, path in ((hr, asked), (hr, "/applications?end=open"), (agent, "/agency/requests")):
        said = side.reads(path)
        assert not [word for word in (PERSON, ADDRESS, TELEPHONE) if word in said], path


def _agent_reads(agent: Side, state: str) -> None:
    """The state in the agency's words, and nothing of the person, the result or the credit of the company."""
    said = agent.reads("/agency/requests")
    assert state in said
    own = re.search(
        r'href="(/agency/requests/\d+)"', agent.page.request.get(f"{agent.site.url}/agency/requests").text()
    )
    assert own is not None
    said += agent.reads(own[1])
    secret = (PERSON, ADDRESS, TELEPHONE, "入社", "再応募", "台帳")
    assert not [word for word in secret if word in said]


def _the_tenth_registers(site: Installation, chromium: Browser) -> None:
    link = tell_one(site, chromium, "hinata", people.HR, len(site.smtp.received) + 1)
    window = Window(chromium, width=390, script=True)
    people.register(window.page, link, TENTH, [TSUMUGI])
    window.close()


def _prepare(site: Installation) -> None:
    """Nine have registered, the agency takes credits, a position offers times, and a guarantee is usual."""
    with _database(site) as (session, company):
        fill(session, company, 9)
        with scopes.company(session, company.id):
            taken = select(Partner.id).where(Partner.slug == "tsumugi").scalar_subquery()
            session.execute(
                update(Partnership)
                .where(Partnership.partner_id == taken)
                .values(free_introductions_per_year=12, fee_table_allows_on=clock.today())
            )
            guarantees.set_usual(session, company.id, GUARANTEE, by_user_id=None)
            offer(session, positions.create(session, WHOLE | {"title": TITLE}))


def _the_interview_passes(site: Installation) -> str:
    """Let the picked time be yesterday, and the worker remind HR of it; returns the link in that mail."""
    before = len(site.smtp.to(people.HR))
    with _database(site) as (session, company):
        with scopes.company(session, company.id):
            first = session.scalars(select(Slot).order_by(Slot.starts_at).limit(1)).one()
            first.starts_at = clock.now() - timedelta(days=1)
        session.flush()
        jobs.remind(session)
    wait_until(lambda: len(site.smtp.to(people.HR)) > before, "HR is asked whether it was held")
    return link_to(site.smtp.to(people.HR)[-1], "/introductions/requests/")


@contextmanager
def _database(site: Installation) -> Iterator[tuple[Session, Company]]:
    app = create_app(config.load(site.environment))
    with app.app_context():
        begin_writing()
        session = db.session()
        with scopes.everyone(session, "test"):
            company = session.scalars(select(Company).where(Company.slug == "hinata")).one()
        yield session, company
        session.commit()
