"""The times of a position on their page: typed as people type, refused with nothing lost, listed and removed."""

from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import interviews, slots
from relay.models import Application, PositionState, Slot, scopes
from tests.cast import Cast
from tests.statements import counted

DAY = clock.today() + timedelta(days=5)
TYPED = f"{DAY.month}/{DAY.day}　１４：００、15:00-15:30"
PLACE = "本社3階"


@pytest.fixture
def path(application: Application) -> str:
    return f"/positions/{application.position_id}/times"


def kept(session: Session, cast: Cast) -> list[Slot]:
    session.expire_all()
    with scopes.company(session, cast.acme.id):
        return list(session.scalars(select(Slot).order_by(Slot.starts_at)))


def test_several_are_added_at_once_and_a_second_press_adds_none(
    session: Session, cast: Cast, ada: FlaskClient, path: str
) -> None:
    sent = {"times": TYPED, "minutes": "45", "place": PLACE}
    for said in ("候補日時を2件追加しました", "新しい候補日時はありませんでした。2件は、すでに追加されていました"):
        assert said in ada.post(path, data=sent, follow_redirects=True).text
    local = [(each.starts_at.astimezone(clock.JAPAN), each.minutes, each.place) for each in kept(session, cast)]
    assert [(f"{at:%H:%M}", minutes, place) for at, minutes, place in local] == [
        ("14:00", 45, PLACE),
        ("15:00", 30, PLACE),
    ]
    page = unescape(ada.get(path).text)
    assert "空き：2件" in page and "14:00〜14:45" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "候補日時を、1行に一つずつ入力してください。"),
        (f"{TYPED}\n来週の月曜", "2行目「来週の月曜」は、日時として読めません。"),
        (f"{TYPED}\n2020/1/6 10:00", "「2020年1月6日（月）10:00」は、過ぎた日時です。"),
    ],
)
def test_what_cannot_be_read_adds_nothing_and_loses_nothing(
    session: Session, cast: Cast, ada: FlaskClient, path: str, typed: str, said: str
) -> None:
    answer = ada.post(path, data={"times": typed, "minutes": "60", "place": PLACE})
    page = unescape(answer.text)
    assert answer.status_code == 422 and said in page and "まだ何も追加していません" in page
    assert typed in page and f'value="{PLACE}"' in page
    assert kept(session, cast) == []


def test_a_link_that_leads_nowhere_is_refused(session: Session, cast: Cast, ada: FlaskClient, path: str) -> None:
    answer = ada.post(path, data={"times": TYPED, "minutes": "60", "place": "https://"})
    assert answer.status_code == 422 and "会議のリンクを確認してください" in answer.text and kept(session, cast) == []


def test_a_free_one_is_removed_and_a_taken_one_names_its_person(
    session: Session, cast: Cast, ada: FlaskClient, application: Application, path: str
) -> None:
    ada.post(path, data={"times": TYPED, "minutes": "60", "place": PLACE})
    taken, free = (each.id for each in kept(session, cast))
    with scopes.company(session, cast.acme.id):
        invitation = interviews.open_for(session, application.id, by_user_id=cast.ada.id)
        interviews.pick(session, invitation.id, taken)
    session.commit()
    refused = ada.post(f"{path}/{taken}/removal", follow_redirects=True)
    assert "この日時は、先に候補者が選びました。削除していません。" in refused.text
    for said in ("候補日時を削除しました", "この候補日時は、すでに削除されています"):
        assert said in ada.post(f"{path}/{free}/removal", follow_redirects=True).text
    page = ada.get(path).text
    assert "髙橋 花子さん" in page and f"/applications/{application.id}/interview" in page and "空き：0件" in page
    assert [each.id for each in kept(session, cast)] == [taken]


def test_who_waits_is_told_and_the_page_says_how_many(
    session: Session, cast: Cast, ada: FlaskClient, application: Application, path: str
) -> None:
    ada.post(path, data={"times": TYPED, "minutes": "60", "place": PLACE})
    with scopes.company(session, cast.acme.id):
        invitation = interviews.open_for(session, application.id, by_user_id=cast.ada.id)
        interviews.want_times(session, invitation.id)
    session.commit()
    later = f"{DAY.month}/{DAY.day} 18:00"
    said = ada.post(path, data={"times": later, "minutes": "60", "place": ""}, follow_redirects=True).text
    assert "新しい日時をお待ちの1名に、メールでお知らせします" in said


def test_who_had_none_to_pick_is_told_of_new_times_and_nobody_of_old_ones(
    session: Session, cast: Cast, ada: FlaskClient, application: Application, path: str
) -> None:
    sent = {"times": TYPED, "minutes": "60", "place": PLACE}
    ada.post(path, data=sent)
    with scopes.company(session, cast.acme.id):
        interviews.open_for(session, application.id, by_user_id=cast.ada.id)
    session.commit()
    assert (
        "お知らせします"
        not in ada.post(path, data=sent, follow_redirects=True).text.split("<main", 1)[1].split("<form")[0]
    )
    for slot in kept(session, cast):
        ada.post(f"{path}/{slot.id}/removal")
    assert "面談の新しい候補日時をお待ちの方" in ada.get("/").text
    said = ada.post(path, data=sent, follow_redirects=True).text
    assert "新しい日時をお待ちの1名に、メールでお知らせします" in said


def test_a_viewer_looks_and_a_closed_position_offers_none(
    session: Session, cast: Cast, ada: FlaskClient, vic: FlaskClient, application: Application, path: str
) -> None:
    assert "候補日時を追加する" not in vic.get(path).text
    assert vic.post(path, data={"times": TYPED}).status_code == 403
    ada.post(f"/positions/{application.position_id}/state", data={"state": PositionState.CLOSED.value})
    assert "候補日時を追加する" not in ada.get(path).text
    with scopes.company(session, cast.acme.id):
        assert not slots.offers_times(session, application.position_id)


def test_the_page_asks_as_much_for_many_times_as_for_one(
    session: Session, cast: Cast, ada: FlaskClient, path: str
) -> None:
    ada.post(path, data={"times": f"{DAY.month}/{DAY.day} 9:00", "minutes": "15", "place": ""})
    ada.get(path)
    with counted(session.get_bind().engine) as few:
        ada.get(path)
    hours = "\n".join(f"{hour}:{minute:02}" for hour in range(10, 19) for minute in (0, 15, 30, 45))
    ada.post(path, data={"times": f"{DAY.month}/{DAY.day} {hours}", "minutes": "15", "place": ""})
    with counted(session.get_bind().engine) as many:
        ada.get(path)
    assert len(many) == len(few) and len(kept(session, cast)) == 37
