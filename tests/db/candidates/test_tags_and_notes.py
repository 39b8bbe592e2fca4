"""Tags and memos: one tag per word, a line in the log per person, and words the law keeps out are asked about."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.candidates import notes, tags
from relay.candidates.sensitive import SensitiveWords
from relay.hiring import positions
from relay.models import Candidate, CandidateTag, Event, Note, Tag, TagColour, scopes
from tests.cast import Cast, make_candidate, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Candidate:
    return make_candidate(session, cast.acme)


def test_one_tag_per_word_however_it_is_written(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        first = tags.find_or_make(session, "ＡＷＳ")
        assert tags.find_or_make(session, " aws ").id == first.id
        assert first.name == "ＡＷＳ"
    with scopes.company(session, cast.other.id):
        assert tags.find_or_make(session, "AWS").id != first.id


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("  ", tags.TagNameMissing), ("長" * 51, tags.TagNameTooLong), ("妊娠中", SensitiveWords)],
)
def test_a_tag_that_cannot_be_is_refused(session: Session, cast: Cast, name: str, refusal: type[Exception]) -> None:
    with scopes.company(session, cast.acme.id), pytest.raises(refusal):
        tags.find_or_make(session, name)


def test_adding_twice_changes_nothing_and_logs_once(session: Session, cast: Cast, hanako: Candidate) -> None:
    taro = make_candidate(session, cast.acme, "山本 太郎")
    with scopes.company(session, cast.acme.id):
        tag = tags.find_or_make(session, "惜しい")
        assert tags.add_tag(session, tag, [hanako.id], by_user_id=cast.ada.id) == [hanako.id]
        assert tags.add_tag(session, tag, [hanako.id, taro.id, taro.id], by_user_id=cast.ada.id) == [taro.id]
        assert tags.tags_of(session, [hanako.id, taro.id]) == {
            hanako.id: [(tag.id, "惜しい", TagColour.PLAIN)],
            taro.id: [(tag.id, "惜しい", TagColour.PLAIN)],
        }
        assert sorted(tags.remove_tag(session, tag, [hanako.id, taro.id])) == [hanako.id, taro.id]
        assert tags.remove_tag(session, tag, [hanako.id]) == []
        assert session.scalar(select(func.count(Tag.id))) == 1
    told = session.execute(select(Event.tag, Event.subject_id).order_by(Event.id)).all()
    assert sorted(told) == sorted((tag, one) for tag in ("tag:added", "tag:removed") for one in (hanako.id, taro.id))


def test_people_of_another_company_are_passed_over(session: Session, cast: Cast, hanako: Candidate) -> None:
    stranger = make_candidate(session, cast.other)
    with scopes.company(session, cast.acme.id):
        tag = tags.find_or_make(session, "惜しい")
        assert tags.add_tag(session, tag, [stranger.id, hanako.id], by_user_id=None) == [hanako.id]
    with scopes.company(session, cast.other.id):
        assert session.scalar(select(func.count(CandidateTag.id))) == 0


def test_a_memo_keeps_its_lines(session: Session, cast: Cast, hanako: Candidate) -> None:
    with scopes.company(session, cast.acme.id):
        note = notes.add_note(session, hanako, " 一行目\r\n二行目\u202e ", by_user_id=cast.ada.id)
    assert note.body == "一行目\n二行目"


def test_words_the_law_keeps_out_are_asked_about_before_saving(session: Session, cast: Cast, hanako: Candidate) -> None:
    with scopes.company(session, cast.acme.id):
        with pytest.raises(SensitiveWords) as asked:
            notes.add_note(session, hanako, "持病があると聞いた", by_user_id=None)
        assert asked.value.words == ["持病"]
        assert "「持病」" in str(asked.value)
        assert session.scalar(select(func.count(Note.id))) == 0
        notes.add_note(session, hanako, "持病があると聞いた", by_user_id=None, confirmed=True)
        assert session.scalar(select(func.count(Note.id))) == 1


@pytest.mark.parametrize(("body", "refusal"), [(" \n ", notes.NoteMissing), ("長" * 10_001, notes.NoteTooLong)])
def test_an_empty_or_endless_memo_is_refused(
    session: Session, cast: Cast, hanako: Candidate, body: str, refusal: type[Exception]
) -> None:
    with scopes.company(session, cast.acme.id), pytest.raises(refusal):
        notes.add_note(session, hanako, body, by_user_id=None)


def test_positions_of_equal_titles_are_one(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        made = positions.find_or_make_all(session, ["営業 企画", "営業企画", "経理", "", "　"])
        assert made["営業 企画"].id == made["営業企画"].id != made["経理"].id
        assert made["営業 企画"].title == "営業 企画"
        assert set(made) == {"営業 企画", "営業企画", "経理"}
        again = positions.find_or_make(session, "経理")
        assert again is not None
        assert again.id == made["経理"].id
        assert positions.find_or_make(session, " ") is None
