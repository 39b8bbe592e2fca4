"""この会社の言い方: a word of one company means what it says, for positions and people alike, and nowhere else."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import own_words, search_rows
from relay.indexing.own_words import OwnWordRefused
from relay.infra import jobs
from relay.insight import fits
from relay.models import Candidate, CandidateSearch, Company, CompanyWord, Note, Position, scopes
from tests.cast import Cast, make_candidate, make_cast, make_position
from tests.db.intake.bringing import bring, sheet

WORD, MEANING = "溶技", "溶接工"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def add(session: Session, company: Company, word: str, meaning: str) -> CompanyWord:
    with scopes.company(session, company.id):
        return own_words.add(session, company.id, word, meaning, by_user_id=None)


def remove(session: Session, company: Company, word_id: int) -> bool:
    with scopes.company(session, company.id):
        return own_words.remove(session, company.id, word_id)


def kept(session: Session, company: Company) -> list[CompanyWord]:
    with scopes.company(session, company.id):
        return own_words.listed(session)


def person(session: Session, company: Company, note: str = "", **values: object) -> Candidate:
    made = make_candidate(session, company, **values)
    with scopes.company(session, company.id):
        if note:
            session.add(Note(candidate_id=made.id, body=note, imported=False, at=clock.now()))
        search_rows.index(session, [made.id])
    return made


def terms(session: Session, candidate: Candidate) -> set[str]:
    with scopes.company(session, candidate.company_id):
        row = select(CandidateSearch.terms).where(CandidateSearch.candidate_id == candidate.id)
        return set((session.scalar(row) or "").split())


def listed(session: Session, position: Position) -> dict[int, str]:
    with scopes.company(session, position.company_id):
        found = fits.of_position(session, position.company_id, position)
    assert found is not None
    return {each.id: each.why for each in found.people}


def worked(session: Session) -> None:
    session.commit()
    while jobs.run_one(session, clock.now() + timedelta(minutes=1)):
        pass


def test_people_of_before_are_found_once_the_worker_has_rewritten_them(session: Session, cast: Cast) -> None:
    position = make_position(session, cast.acme, MEANING)
    told = person(session, cast.acme, f"前職では{WORD}を五年。")
    assert listed(session, position) == {}
    added = add(session, cast.acme, WORD, MEANING)
    with scopes.company(session, cast.acme.id):
        found = fits.of_position(session, cast.acme.id, position)
        assert found is not None and found.is_incomplete
    worked(session)
    assert f"メモに「{WORD}」とあり、この職種です" in listed(session, position)[told.id]
    assert remove(session, cast.acme, added.id)
    worked(session)
    assert listed(session, position) == {}


def test_a_position_in_own_words_finds_people_in_official_ones(session: Session, cast: Cast) -> None:
    add(session, cast.acme, WORD, MEANING)
    position = make_position(session, cast.acme, f"{WORD}（松本）")
    found = person(session, cast.acme, desired_role=MEANING)
    assert f"希望職種に「{MEANING}」とあり、この職種です" in listed(session, position)[found.id]


def test_a_word_means_nothing_in_another_company(session: Session, cast: Cast) -> None:
    add(session, cast.acme, WORD, MEANING)
    theirs = person(session, cast.other, f"前職では{WORD}を五年。")
    mine = person(session, cast.acme, f"前職では{WORD}を五年。")
    assert terms(session, mine) > terms(session, theirs)
    assert listed(session, make_position(session, cast.other, MEANING)) == {}
    assert kept(session, cast.other) == []
    (word,) = kept(session, cast.acme)
    assert not remove(session, cast.other, word.id), "nobody else's can be removed"


def test_a_clause_the_law_keeps_out_says_nothing_in_own_words_either(session: Session, cast: Cast) -> None:
    add(session, cast.acme, WORD, MEANING)
    plain = person(session, cast.acme, "明るい。")
    relative = person(session, cast.acme, f"明るい。父は{WORD}、実家は松本。")
    assert terms(session, plain) == terms(session, relative)


def test_who_comes_by_a_file_is_read_by_them_too(session: Session, cast: Cast) -> None:
    add(session, cast.acme, WORD, MEANING)
    session.commit()
    bring(session, cast.acme, sheet([{"氏名": "甲野 乙", "メールアドレス": "k@mail.example", "メモ": f"{WORD}を五年"}]))
    with scopes.company(session, cast.acme.id):
        made = session.scalars(select(Candidate).where(Candidate.email == "k@mail.example")).one()
        before = terms(session, made)
        search_rows.index(session, [made.id])
    assert before == terms(session, made) and any(each.startswith("O") for each in before)


@pytest.mark.parametrize(
    ("word", "meaning", "said"),
    [
        ("技", MEANING, "2文字から"),
        ("生" * 31, MEANING, "30文字まで"),
        ("生技、工場", MEANING, "登録できません"),
        ("うつ病", MEANING, "登録できません"),
        (WORD, "ほげほげ", "一覧にありません"),
        (WORD, "", "一覧にありません"),
        ("せいぎ", "生" * 31, "一覧にありません"),
    ],
)
def test_what_cannot_be_a_word_is_refused_and_nothing_is_kept(
    session: Session, cast: Cast, word: str, meaning: str, said: str
) -> None:
    with pytest.raises(OwnWordRefused, match=said):
        add(session, cast.acme, word, meaning)
    assert kept(session, cast.acme) == []


def test_a_word_has_one_meaning_and_the_same_twice_is_once(session: Session, cast: Cast) -> None:
    first = add(session, cast.acme, WORD, MEANING)
    assert add(session, cast.acme, f" {WORD} ", MEANING).id == first.id
    with pytest.raises(OwnWordRefused, match="先に削除"):
        add(session, cast.acme, WORD, "看護師")


def test_the_database_keeps_one_meaning_a_word(session: Session, cast: Cast) -> None:
    add(session, cast.acme, WORD, MEANING)
    session.commit()
    with scopes.company(session, cast.acme.id):
        session.add(CompanyWord(word=WORD, word_key=WORD, meaning="溶接", created_at=clock.now()))
        with pytest.raises(IntegrityError):
            session.flush()
