"""Two people act on the same thing in the same instant: the second reads a sentence, and nothing is half done."""

import threading
import time

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.extensions import db
from relay.models import CandidateTag, Tag, TagKind, scopes
from relay.text import name_key
from tests.cast import browse, make_candidate, make_cast


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)  # SQLite lets one writer at a time in
def test_the_same_tag_put_on_twice_at_once(app: Flask, session: Session) -> None:
    cast = make_cast(session)
    hanako = make_candidate(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        tag = Tag(kind=TagKind.FREE, name="惜しい", name_key=name_key("惜しい"), created_at=clock.now())
        session.add(tag)
        session.flush()
    session.commit()
    ada, answers = browse(app, cast.ada), list[TestResponse]()

    other = db.engine.connect()
    other.execute(
        text(
            "INSERT INTO candidate_tags (company_id, candidate_id, tag_id, at) "
            f"VALUES ({cast.acme.id}, {hanako.id}, {tag.id}, now())"
        )
    )

    def recorder() -> None:
        with app.app_context():
            answers.append(ada.post(f"/pool/{hanako.id}/tags", data={"name": "惜しい"}))

    second = threading.Thread(target=recorder)
    second.start()
    _until_it_waits(answers)
    other.commit()
    second.join(15)
    other.close()

    assert answers[0].status_code == 409
    assert "ほかの方の変更と重なったため、保存していません" in answers[0].text
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count()).select_from(CandidateTag)) == 1


def _until_it_waits(answers: list[TestResponse]) -> None:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    for _try in range(100):
        with db.engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
        assert not answers, answers[0].text
        time.sleep(0.05)
    raise AssertionError("the second act did not come")
