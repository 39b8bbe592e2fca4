"""An agent's week: forty people come, are found by the morning's mail, marked, handed over; one takes the yes back.

What is pressed is counted: a link, a button, a box. What is typed is none.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock, config, create_app
from relay.extensions import begin_writing, db
from relay.mail import outbox
from relay.mail.mailbox import Mailbox
from relay.mail.sending_hours import is_day_off
from relay.mail.transport import ToMailbox
from relay.models import Company, Partner, User, scopes
from relay.network import company_mailboxes, consents, morning
from tests.browser import people
from tests.browser.conftest import Window
from tests.db.network.build import mailed_link, register, the_profile
from tests.installation import Installation, link_to

TSUMUGI = "つむぎエージェント株式会社"
AGENT = people.AGENCIES[TSUMUGI]
CAME, HANDED_OVER = 40, 12
CALLER = {"name": "田中 実", "kana": "タナカ ミノル", "phone": "090-1111-2222", "desired_role": "生産管理"}


class Agent:
    """An agent at the portal, and how often something was pressed for each task."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses: dict[str, int] = {}

    def begin(self, task: str) -> None:
        self.presses[task] = 0

    def press(self, what: Locator) -> None:
        """Press something, for the task begun last."""
        self.presses[list(self.presses)[-1]] += 1
        what.click()


@pytest.mark.parametrize("width", [1440, 390])
def test_forty_people_a_week(site: Installation, chromium: Browser, tmp_path: Path, width: int) -> None:
    _forty_register(site)
    link = _morning_mail(site, tmp_path / "mails")
    site.start()
    window = Window(chromium, width=width, script=True)
    agent, page = Agent(window.page), window.page
    people.open_session(page, site, AGENT)
    page.goto(link)
    expect(page.locator("#people tbody tr")).to_have_count(CAME)
    entries = page.get_by_role("navigation", name="メイン").get_by_role("link")
    assert entries.evaluate_all("all => all.every(each => each.scrollWidth <= each.clientWidth)"), (
        "none runs into another"
    )

    agent.begin("mark each of them")
    _mark_everybody(agent)
    assert agent.presses["mark each of them"] <= 3 * CAME

    agent.begin("hand over")
    page.goto(f"{site.url}/agency/people")
    _hand_over(agent, tmp_path / "register.csv")
    assert agent.presses["hand over"] == HANDED_OVER + 2

    agent.begin("find a caller")
    page.goto(f"{site.url}/agency/people")
    _find_the_caller(agent)
    assert agent.presses["find a caller"] <= 3

    agent.begin("delete whoever took it back")
    code = _take_it_back(site)
    _say_deleted(agent, site, code)
    assert agent.presses["delete whoever took it back"] == 2
    window.close()


@contextmanager
def _inside(site: Installation) -> Iterator[Session]:
    """A transaction in the installation's own database, as its verbs see it."""
    app = create_app(config.load(site.environment))
    with app.app_context():
        begin_writing()
        with scopes.everyone(db.session(), "test"):
            yield db.session()
            db.session.commit()
        db.engine.dispose()


def _forty_register(site: Installation) -> None:
    """On the day before, with one agency, which has had its login for a week."""
    moment = _morning()
    with _inside(site) as session:
        company, partner = session.scalars(select(Company)).one(), _partner(session)
        session.execute(update(User).where(User.email == AGENT).values(created_at=moment - timedelta(days=7)))
        with clock.at(moment - timedelta(days=1)):
            for number in range(CAME):
                facts = CALLER if number == 7 else {"name": f"来訪 {number}番", "desired_role": f"職種{number}"}
                register(session, mailed_link(session, company, f"p{number}@mail.example"), partner, **facts)


def _morning() -> datetime:
    """The last morning of a working day."""
    day = (clock.now() - timedelta(hours=12)).astimezone(clock.JAPAN).date()
    while is_day_off(day):
        day -= timedelta(days=1)
    return morning.due_at(day) + timedelta(minutes=5)


def _partner(session: Session) -> Partner:
    return session.scalars(select(Partner).where(Partner.name == TSUMUGI)).one()


def _morning_mail(site: Installation, folder: Path) -> str:
    """The link of the mail that the agency's agent got that morning."""
    mailbox, moment = Mailbox(folder), _morning()
    with clock.at(moment):
        with _inside(site) as session:
            assert morning.write_to(session, company_mailboxes.all_of_them(session))
        with _inside(site) as session:
            while outbox.deliver_one(session, now=moment, transport=ToMailbox(mailbox)):
                pass
    (mail,) = [each.mail for each in mailbox.newest_first() if each.mail["To"] == AGENT]
    told = mail.get_body(("plain",))
    assert told is not None and f"新しく登録された方：{CAME}名、取り消し：0件" in told.get_content()
    assert "来訪" not in told.get_content() and "田中" not in told.get_content()
    return link_to(mail, "/agency/people")


def _mark_everybody(agent: Agent) -> None:
    """From the first of the list: one press marks, one leads to the next person."""
    page = agent.page
    agent.press(page.locator("#people tbody a.who").first)
    back, following = (page.get_by_role("link", name=name).bounding_box() for name in ("一覧へ戻る", "次の方"))
    size = page.viewport_size
    assert back and following and size
    assert back["x"] < 40 and following["x"] + following["width"] > size["width"] - 40, "at either edge, for a thumb"
    for number in range(CAME):
        agent.press(page.get_by_role("button", name="「連絡済み」にする"))
        expect(page.get_by_role("region", name="対応", exact=True)).to_contain_text("連絡済み")
        following = page.get_by_role("link", name="次の方")
        if number < CAME - 1:
            here = page.url
            agent.press(following)
            expect(page).not_to_have_url(here)
        else:
            expect(following).to_have_count(0)


def _hand_over(agent: Agent, file: Path) -> None:
    """Twelve boxes, the reason and one button; the file has their names, in the columns of the register."""
    page = agent.page
    rows = page.locator("#people tbody tr")
    expect(rows).to_have_count(CAME)
    for place in range(HANDED_OVER):
        agent.press(rows.nth(place).locator("input[name=code]"))
    agent.press(page.get_by_label("書き出す理由"))
    page.get_by_label("書き出す理由").select_option("register")
    for name in ("Excel", "CSV"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    with page.expect_download() as downloaded:
        agent.press(page.get_by_role("button", name="CSV"))
    downloaded.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as read:
        taken = list(csv.DictReader(read))
    assert len(taken) == HANDED_OVER
    assert all(row["求職者の氏名"] and row["照会番号"] for row in taken)


def _find_the_caller(agent: Agent) -> None:
    """Who says タナカ on the telephone, typed as it was heard."""
    page = agent.page
    page.get_by_label(re.compile("お名前・連絡先")).fill("たなか")
    expect(page.locator("#people tbody tr")).to_have_count(1)
    agent.press(page.locator("#people tbody a.who"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("田中 実")


def _take_it_back(site: Installation) -> str:
    with _inside(site) as session:
        gone = the_profile(session, "p3@mail.example")
        consents.withdraw(session, gone.id, _partner(session).id)
        return gone.code


def _say_deleted(agent: Agent, site: Installation, code: str) -> None:
    """Whom the list shows no more stands among those that ended, by reference alone; there the partner answers."""
    page = agent.page
    page.goto(f"{site.url}/agency/people/{code}")
    expect(page.get_by_role("heading", level=1)).to_have_text("この方の情報は表示できません")
    agent.press(page.get_by_role("link", name="終わった同意").first)
    row = page.locator("tr", has_text=code)
    agent.press(row.get_by_role("button"))
    expect(page.get_by_text("1件に、消去したと回答しました")).to_be_visible()
    expect(page.locator("tr", has_text=code)).to_have_count(0)
