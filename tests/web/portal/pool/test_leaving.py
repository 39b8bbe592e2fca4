"""次回の消去: who leaves next and why, page by page, and whose erasure is put off (A-25, A-28)."""

from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import holds
from relay.models import HoldReason, scopes
from tests.cast import Cast, browse, make_candidate


def test_it_says_who_leaves_why_and_when_and_who_is_held(app: Flask, session: Session, cast: Cast) -> None:
    for number in range(25):
        make_candidate(session, cast.acme, f"候補 {number:02}", retain_until=clock.today() + timedelta(days=number))
    held = make_candidate(session, cast.acme, "保留 花子", retain_until=clock.today())
    with scopes.company(session, cast.acme.id):
        until = clock.today() + timedelta(days=90)
        holds.set_hold(session, held, HoldReason.LAW, until, owner_user_id=cast.ada.id)
    session.commit()
    vic = browse(app, cast.vic)
    first = vic.get("/pool/leaving").text
    listed, _heading, put_off = first.partition("消去を保留している方")
    assert "人材プールでの保管を、応募のときにお伝えしています" in listed
    assert "候補 00" in listed
    assert "候補 20" not in listed
    assert "保留 花子" not in listed
    assert "保留 花子" in put_off
    assert "法令により、保存が必要なため（担当：Ada）" in put_off
    following = first.split('rel="next" href="')[1].split('"')[0]
    later = vic.get(following).text
    assert "候補 24" in later
    assert "候補 00" not in later
