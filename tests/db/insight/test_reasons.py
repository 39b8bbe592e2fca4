"""Each fact that a line of reasons states is in the person's rows: by a checker that shares nothing with its maker."""

import re
import unicodedata
from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import tags
from relay.indexing import search_rows
from relay.insight import reasons
from relay.insight.wanted import PositionText, wanted
from relay.models import (
    Application,
    Attachment,
    Candidate,
    CandidateTag,
    Company,
    FileKind,
    FileText,
    Note,
    Position,
    Reapply,
    RetentionBasis,
    Tag,
    scopes,
)
from tests.bench.match import made
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position

LINES = 1_000
_SENTENCE = re.compile(r"(希望職種|応募した求人|タグ|資格|メモ|ファイル)に「(.+?)」とあり、(?:この職種|近い職種)です")
_COUNTED = re.compile(r"(必要な|歓迎する)資格(\d+)件のうち(\d+)件")
_SHARED = re.compile(r"((?:「[^」]+」)+)の言葉が、求人と記録の両方にあります")


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def test_a_thousand_lines_state_what_is_in_the_rows(session: Session, cast: Cast) -> None:
    dice = Random(3)  # noqa: S311
    known = made.occupations()
    numbers = sorted(known)
    with scopes.company(session, cast.acme.id):
        people = [_person(session, cast.acme, dice, known[dice.choice(numbers)]) for _ in range(40)]
        position = make_position(session, cast.acme, "経理")
        checked = 0
        for number in dice.sample(numbers, LINES // len(people)):
            occupation = known[number]
            asked = PositionText(
                occupation.title, required=occupation.qualifications[:2], welcome=occupation.qualifications[2:3]
            )
            said = reasons.of(session, wanted(asked), position, people)
            for lines in said:
                _check(session, lines, asked)
                checked += 1
    assert checked == LINES


def _person(session: Session, company: Company, dice: Random, occupation: made.Occupation) -> int:
    person = make_candidate(
        session,
        company,
        desired_role=dice.choice(("", occupation.title)),
        qualifications="、".join(occupation.qualifications[: dice.randrange(3)]),
        reapply=dice.choice((None, *Reapply)),
        basis=dice.choice((RetentionBasis.STATED, RetentionBasis.CONSENTED)),
    )
    name = dice.choice((occupation.title, *occupation.aliases))
    if dice.random() < 1 / 2:
        session.add(
            Note(candidate_id=person.id, body=f"{name}として五年。父は弁護士。", imported=False, at=clock.now())
        )
    if dice.random() < 1 / 3:
        _keep_file(
            session, person.id, f"職務経歴書\n{dice.choice((name, occupation.title))}を担当。趣味は溶接。妹は看護師。"
        )
    if dice.random() < 1 / 3:
        title = dice.choice(("一般事務", "溶接工", occupation.title))
        position = session.scalars(select(Position).where(Position.title == title)).first()
        make_application(session, person, position or make_position(session, company, title))
    if dice.random() < 1 / 3:
        tags.add_tag(session, tags.find_or_make(session, name[:60]), [person.id], by_user_id=None)
    session.flush()
    search_rows.index(session, [person.id])
    return person.id


def _keep_file(session: Session, candidate_id: int, words: str) -> None:
    """A file that was read: its words are kept for the search."""
    session.add(
        Attachment(
            candidate_id=candidate_id,
            kind=FileKind.PDF,
            name="職務経歴書.pdf",
            stored_as=f"{candidate_id:032x}",
            size=1,
            sha256="0" * 64,
            state=FileText.READ,
            text=words,
            at=clock.now(),
        )
    )


def _check(session: Session, lines: reasons.FittingPerson, asked: PositionText) -> None:
    rows = _rows(session, lines.id)
    everything = "\n".join(text for texts in rows.values() for text in texts)
    rest = lines.why
    for where, word in _SENTENCE.findall(lines.why):
        assert any(word in text for text in rows[where]), (where, word)
    for kind, total, held in _COUNTED.findall(lines.why):
        names = asked.required if kind == "必要な" else asked.welcome
        assert int(total) == len(names)
        assert int(held) >= sum(_spelt(name) in everything for name in names) - _spelt_within(names), lines.why
        assert int(held) <= len(names)
    for quoted in _SHARED.findall(lines.why):
        for word in re.findall("「([^」]+)」", quoted):
            assert word in everything and word in _spelt(asked.title), word
    for pattern in (_SENTENCE, _COUNTED, _SHARED):
        rest = pattern.sub("", rest)
    assert rest.strip("。") in ("", "求人と記録に、共通する言葉があります"), rest
    for relative in ("弁護士", "看護師"):
        assert relative not in lines.why or relative in _spelt(asked.title), "a relative's trade is nobody's experience"
    _check_first(session, lines.id, asked, lines.check_first, everything)


def _check_first(session: Session, number: int, asked: PositionText, line: str, everything: str) -> None:
    person = session.scalars(select(Candidate).where(Candidate.id == number)).one()
    if "いまは考えていない" in line:
        assert person.reapply is Reapply.NO
    elif missing := re.match("必要な資格「(.+?)」は、記録にありません", line):
        assert missing[1] in asked.required and _spelt(missing[1]) not in everything
    elif "同意はまだありません" in line:
        assert person.basis is RetentionBasis.STATED
    else:
        assert "記録にありません" in line, line


def _spelt(text: str) -> str:
    """The text as the two are compared: by width and case alone, numbers of grades as figures."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub("([一二三四])(?=[級種等類])", lambda grade: str("一二三四".index(grade[1]) + 1), plain)


def _spelt_within(names: tuple[str, ...]) -> int:
    return sum(bool(re.search("[（(]", name)) for name in names)


def _rows(session: Session, number: int) -> dict[str, list[str]]:
    person = session.scalars(select(Candidate).where(Candidate.id == number)).one()
    titles = select(Position.title).join(Application, Application.position_id == Position.id)
    named = select(Tag.name).join(CandidateTag, CandidateTag.tag_id == Tag.id)
    return {
        "希望職種": [_spelt(person.desired_role)],
        "資格": [_spelt(person.qualifications)],
        "応募した求人": list(_all(session.scalars(titles.where(Application.candidate_id == number)))),
        "タグ": list(_all(session.scalars(named.where(CandidateTag.candidate_id == number)))),
        "メモ": list(_all(session.scalars(select(Note.body).where(Note.candidate_id == number)))),
        "ファイル": list(_all(session.scalars(select(Attachment.text).where(Attachment.candidate_id == number)))),
    }


def _all(texts: object) -> Iterator[str]:
    yield from map(_spelt, texts)  # type: ignore[call-overload]
