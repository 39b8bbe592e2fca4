"""When results leave, on the pages: what the confirmation says, the time that is typed, the bar until then."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from relay import clock
from relay.models import MessageState
from tests.cast import browse
from tests.web.portal.desk import Desk


def japan(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=clock.JAPAN)


@pytest.fixture(autouse=True)
def spares_the_night(desk: Desk) -> None:
    desk.cast.acme.daytime_only = True
    desk.session.commit()


@contextmanager
def ada_at(desk: Desk, moment: datetime) -> Iterator[None]:
    """Ada, signed in at this moment."""
    with clock.at(moment):
        desk.browser = browse(desk.browser.application, desk.cast.ada)
        yield


def written(desk: Desk, count: int = 2) -> str:
    page = desk.begin(desk.people(count))
    desk.save(page, go="confirm")
    return page


def send(desk: Desk, page: str, at: str, count: int = 2) -> tuple[int, str]:
    answer = desk.browser.post(f"{page}/tell", data={"people": str(count), "at": at})
    return answer.status_code, answer.text


def test_on_a_sunday_the_pages_say_that_it_leaves_on_monday(desk: Desk) -> None:
    with ada_at(desk, japan(11, 29, 15)):
        page = written(desk)
        assert "11月30日（月） 8:00に送信" in desk.browser.get(f"{page}/confirm").text
        assert desk.tell(page, 2).location == "/results/waiting"

        assert {message.due_at for message in desk.messages()} == {japan(11, 30, 8)}
        waiting = desk.browser.get("/results/waiting").text
        assert "11月30日（月） 8:00に送信" in waiting
        assert "約17時間" in waiting


def test_a_typed_time_is_kept_and_the_bar_names_it(desk: Desk) -> None:
    with ada_at(desk, japan(11, 30, 10)):
        page = written(desk)
        assert send(desk, page, "2026-12-07T09:00")[0] == 303

        assert {message.due_at for message in desk.messages()} == {japan(12, 7, 9)}
        assert "12月7日（月） 9:00から2名に送信します" in desk.browser.get("/").text


@pytest.mark.parametrize(
    ("now", "words", "leaves"),
    [
        (japan(11, 30, 10), "今日の夕方（11月30日（月） 17:00）", japan(11, 30, 17)),
        (japan(12, 1, 18), "明日の朝（12月2日（水） 9:00）", japan(12, 2, 9)),
        (japan(12, 4, 18), "次の営業日の朝（12月7日（月） 9:00）", japan(12, 7, 9)),
        (japan(12, 30, 9), "次の営業日の朝（2027年1月4日 9:00）", datetime(2027, 1, 4, 9, tzinfo=clock.JAPAN)),
        (japan(12, 1, 10), "来週のはじめ（12月7日（月） 9:00）", japan(12, 7, 9)),
    ],
)
def test_a_time_is_chosen_without_typing(desk: Desk, now: datetime, words: str, leaves: datetime) -> None:
    with ada_at(desk, now):
        page = written(desk)
        confirm = desk.browser.get(f"{page}/confirm").text
        assert words in confirm, re.findall(r"<span>([^<]*）)</span>", confirm)
        value = f"{leaves.astimezone(clock.JAPAN):%Y-%m-%dT%H:%M}"
        assert f'name="when" value="{value}"' in confirm
        assert desk.browser.post(f"{page}/tell", data={"people": "2", "when": value, "at": ""}).status_code == 303
        assert {message.due_at for message in desk.messages()} == {leaves}


def test_a_time_to_be_typed_that_was_not_sends_nothing(desk: Desk) -> None:
    with ada_at(desk, japan(11, 30, 10)):
        page = written(desk)
        answer = desk.browser.post(f"{page}/tell", data={"people": "2", "when": "typed", "at": ""})
        assert answer.status_code == 422
        assert "送る日時を入力してください。まだ送っていません。" in answer.text
        assert desk.messages() == []


@pytest.mark.parametrize("typed", ["2026-12-07 9:00", "２０２６-１２-０７ ９:００"])
def test_a_browser_without_a_calendar_types_it(desk: Desk, typed: str) -> None:
    with ada_at(desk, japan(11, 30, 10)):
        assert send(desk, written(desk), typed)[0] == 303
        assert {message.due_at for message in desk.messages()} == {japan(12, 7, 9)}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2026-12-06T09:00", "次に送れるのは12月7日（月） 8:00です"),
        ("2026-11-30T09:59", "過ぎています"),
        ("2027-03-01T09:00", "先すぎます"),
        ("月曜の朝", "「月曜の朝」は日時として読めません"),
    ],
)
def test_a_time_that_cannot_be_is_said_beside_it_and_nobody_is_told(desk: Desk, typed: str, sentence: str) -> None:
    with ada_at(desk, japan(11, 30, 10)):
        page = written(desk)
        status, text = send(desk, page, typed)

        assert status == 422
        assert sentence in text
        field = re.search(r'<input[^>]*name="at"[^>]*>', text)
        assert field is not None
        assert 'aria-invalid="true"' in field[0]
        assert f'value="{typed}"' in field[0]
        assert desk.messages() == []
        assert len(desk.messages(MessageState.DRAFT)) == 2, "what was written stays"


def test_who_applied_today_is_named_with_the_time_the_mail_leaves(desk: Desk) -> None:
    with ada_at(desk, japan(11, 30, 10)):
        page = desk.begin(desk.people(2, applied_on=clock.today(), created_at=clock.now() - timedelta(hours=1)))
        desk.save(page, go="confirm")
        confirm = desk.browser.get(f"{page}/confirm").text
        assert "2名には、応募から24時間たってから送ります" in confirm
        assert "12月1日（火） 9:00以降" in confirm


def test_while_practising_nothing_is_said_of_the_hour(desk: Desk) -> None:
    desk.cast.acme.live_since = None
    desk.session.commit()
    with ada_at(desk, japan(11, 29, 15)):
        page = written(desk)
        confirm = desk.browser.get(f"{page}/confirm").text
        assert 'name="at"' not in confirm
        assert "8:00に送信" not in confirm
