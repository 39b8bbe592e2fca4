"""Nobody reaches a candidate by the password alone: the second factor comes first, and one goes on where one was.

With RELAY_PICTURES naming a folder, each page leaves a picture there.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.samples import SAMPLE
from tests.browser.test_accessibility import problems
from tests.browser.test_first_ten_minutes import picture
from tests.browser.test_whole_loop import import_file
from tests.installation import PASSWORD, Installation, installation

ASKED = "はじめに、二段階認証を設定してください"
AGENT = "agent@tsumugi.example"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Installation]:
    """A company and an agency as the command line makes them, excused from nothing."""
    typed = f"{PASSWORD}\n"
    with installation(tmp_path) as made:
        made.relay(
            "company", "create", "--name", "株式会社ひなた精工", "--slug", "hinata", "--admin", people.HR,
            "--password-stdin", typed=typed,
        )  # fmt: skip
        made.relay(
            "partner", "create", "--name", "つむぎエージェント株式会社", "--slug", "tsumugi", "--kind", "agency",
            "--agent", AGENT, "--license", "20-ユ-999900", "--password-stdin", typed=typed,
        )  # fmt: skip
        made.start()
        yield made


def asked_first(page: Page, name: str) -> None:
    """The page says why, once, and nothing of the layout breaks."""
    expect(page.locator("main")).to_contain_text(ASKED)
    expect(page.locator("main")).to_contain_text("候補者の情報を守るため")
    assert problems(page, "here") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing stands out at the side"
    picture(page, f"{name}-asked")


def test_a_new_company_with_its_first_file(site: Installation, chromium: Browser) -> None:
    """On a desk; the administrator of tests/browser/test_first_ten_minutes.py does the same on a phone."""
    window = Window(chromium, width=1440, script=True)
    page = window.page
    people.sign_in(page, site, people.HR)
    page.goto(f"{site.url}/pool/import")
    asked_first(page, "first-file")
    people.set_up_factor(page, lambda step: picture(page, f"first-file-{step}"))
    expect(page).to_have_url(re.compile("/pool/import$"))
    import_file(page, site)
    page.goto(f"{site.url}/settings/security")
    expect(page.locator("main")).to_contain_text("必須")
    picture(page, "settings-security")
    window.close()
    assert not window.errors, window.errors


def test_a_company_whose_candidates_are_there_already(site: Installation, chromium: Browser) -> None:
    """As after an upgrade, or after an import by the operator; without a line of script."""
    site.relay("import", str(SAMPLE), "--company", "hinata", "--basis", "stated")
    window = Window(chromium, width=390, script=False)
    page = window.page
    people.sign_in(page, site, people.HR)
    page.goto(f"{site.url}/pool")
    expect(page).to_have_url(re.compile("/account/second-factor"))
    expect(page.locator("main")).to_contain_text(ASKED)
    people.set_up_factor(page)
    expect(page).to_have_url(re.compile("/pool$"))
    window.close()
    assert not window.errors, window.errors


def test_an_agent_made_by_the_command_line(site: Installation, chromium: Browser) -> None:
    window = Window(chromium, width=390, script=True)
    page = window.page
    people.sign_in(page, site, AGENT)
    asked_first(page, "agent")
    people.set_up_factor(page)
    expect(page).to_have_url(re.compile("/agency/people$"))
    window.close()
    assert not window.errors, window.errors


def test_a_colleague_whose_telephone_is_lost(site: Installation, chromium: Browser) -> None:
    """The administrator takes the factor away, and the colleague sets up another at the next login."""
    rin = "rin@hinata.example"
    create = ("user", "create", "--company", "hinata", "--email", rin, "--name", "森 凛", "--role", "recruiter")
    site.relay(*create, "--password-stdin", typed=f"{PASSWORD}\n")
    colleague, admin = (Window(chromium, width=1440, script=True) for _person in range(2))
    people.sign_in(colleague.page, site, rin)
    colleague.page.goto(f"{site.url}/pool/new")
    people.set_up_factor(colleague.page)
    expect(colleague.page).to_have_url(re.compile("/pool/new$"))

    people.sign_in(admin.page, site, people.HR)
    admin.page.goto(f"{site.url}/settings/members")
    admin.page.get_by_role("link", name="森 凛").click()
    taken_away = admin.page.get_by_role("button", name="なくした端末の二段階認証を外す")
    expect(taken_away).to_be_visible()
    assert problems(admin.page, "here") == []
    picture(admin.page, "member")
    taken_away.click()
    expect(admin.page.locator("body")).to_contain_text("森 凛さんの二段階認証を外しました")
    picture(admin.page, "member-after")

    colleague.page.reload()
    expect(colleague.page).to_have_url(re.compile("/login"))
    people.sign_in(colleague.page, site, rin)
    colleague.page.goto(f"{site.url}/pool/new")
    expect(colleague.page.locator("main")).to_contain_text(ASKED)
    told = {str(mail["To"]) for mail in site.wait_for_mails(2)}
    assert told == {rin}, "enrolled, and taken away"
    for window in (colleague, admin):
        window.close()
        assert not window.errors, window.errors
