"""自分で送る: personal links for results that HR sends itself, as a file or one by one."""

import csv
import re
from datetime import timedelta
from io import StringIO

from sqlalchemy import select

from relay import clock
from relay.models import Event, EventTag, RelayLink, scopes
from tests.cast import make_candidate
from tests.web.portal.desk import Desk


def chosen(desk: Desk, path: str, ids: list[int]) -> str:
    """The page or file that a form about these people leads to."""
    answer = desk.browser.post(path, data={"id": [str(each) for each in ids]}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.get_data(as_text=True)


def test_the_file_has_name_address_link_and_end_or_why_there_is_none(desk: Desk) -> None:
    people = desk.decided(3)
    nobodys = make_candidate(desk.session, desk.cast.acme, "=宛先 なし", email="")
    people[2].candidate_id = nobodys.id
    desk.session.commit()
    ids = [each.id for each in people]

    page = chosen(desk, "/results/links", ids)
    assert "3名のファイルをダウンロードする" in page
    assert "リンクなし：メールアドレスがありません。" in page
    with scopes.everyone(desk.session, "test"):
        assert desk.session.scalars(select(RelayLink)).all() == [], "looking makes nothing"

    heading, *rows = csv.reader(StringIO(chosen(desk, "/results/links/file", ids).removeprefix("\ufeff")))
    assert heading == ["氏名", "メールアドレス", "求人", "リンク", "リンクの有効期限", "リンクがない理由"]
    assert [row[1] for row in rows] == ["p0@mail.example", "p1@mail.example", ""]
    assert len({row[3] for row in rows[:2]}) == 2 and all(re.search(r"/f/[\w-]{43}$", row[3]) for row in rows[:2])
    ends = clock.now().astimezone(clock.JAPAN) + timedelta(days=14)
    assert rows[0][4] == f"{ends:%Y/%m/%d %H:%M}まで。使われないと、開けなくなります。"
    assert rows[2][0] == "'=宛先 なし" and rows[2][3] == "" and rows[2][5] == "メールアドレスがありません。"
    with scopes.everyone(desk.session, "test"):
        logged = desk.session.scalars(select(Event).where(Event.tag == EventTag.LINKS_HANDED_OUT.value)).one()
    assert logged.data == {"count": 2}


def test_one_link_from_the_record_is_shown_once(desk: Desk) -> None:
    (application,) = desk.decided(1)
    record = desk.browser.get(f"/pool/{application.candidate_id}").text
    assert f'href="/results/links?id={application.id}"' in record
    assert "専用リンクを作る" in chosen(desk, "/results/links", [application.id])
    page = chosen(desk, "/results/links/one", [application.id])
    (link,) = re.findall(r'value="[^"]*(/f/[\w-]{43})"', page)
    assert "この画面にだけ表示されます" in page
    assert desk.browser.get(link).status_code == 200
    assert link not in chosen(desk, "/results/links", [application.id])


def test_who_was_sent_a_link_leaves_the_list_once_hr_says_so(desk: Desk) -> None:
    people = desk.decided(2)
    chosen(desk, "/results/links/file", [each.id for each in people])
    assert "候補 1番" in desk.browser.get("/results").text
    desk.browser.post("/results/elsewhere", data={"id": [each.id for each in people], "confirmed": "1"})
    assert "候補 1番" not in desk.browser.get("/results").text
    with scopes.everyone(desk.session, "test"):
        assert {each.state.value for each in desk.session.scalars(select(RelayLink))} == {"sent"}


def test_nobody_in_selection_is_in_the_file(desk: Desk) -> None:
    (open_,) = desk.people(1)
    answer = desk.browser.get(f"/results/links?id={open_.id}")
    assert answer.status_code == 303 and answer.location == "/results"


def test_before_real_sending_there_are_no_links(desk: Desk) -> None:
    people = desk.decided(2)
    desk.cast.acme.live_since = None
    desk.session.commit()
    ids = [each.id for each in people]
    for path in ("/results/links", "/results/links/file"):
        page = chosen(desk, path, ids)
        assert "専用リンクは、まだ作れません" in page and "/f/" not in page
