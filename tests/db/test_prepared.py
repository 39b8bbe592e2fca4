"""A prepared read is bound by the scope in force when it is run, whichever scope it was first run in."""

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, exists, func, literal, literal_column, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import ScopeMissing
from relay.extensions import db
from relay.mail.outbox import new_message_id
from relay.models import (
    Candidate,
    Company,
    MailClass,
    Message,
    MessageState,
    Note,
    PartnerPerson,
    Profile,
    RetentionBasis,
    Share,
    moments,
    prepared,
    scopes,
)
from relay.models.prepared import Prepared, numbered, one_of
from tests.cast import make_candidate, make_cast
from tests.statements import counted

NAMES = Prepared(select(Candidate.name).order_by(Candidate.id), str)


def test_without_a_scope_it_does_not_run(session: Session) -> None:
    cast = make_cast(session)
    noted = Prepared(select(Company.id).where(exists().where(Note.company_id == Company.id)), int)
    with scopes.company(session, cast.acme.id):
        assert noted.all(session) == []
    for read in (NAMES, noted):
        with pytest.raises(ScopeMissing):
            read.all(session)
    with scopes.partner(session, cast.tsumugi.id), pytest.raises(ScopeMissing):
        NAMES.all(session)


def test_each_company_reads_its_own_in_turn(session: Session) -> None:
    cast = make_cast(session)
    make_candidate(session, cast.acme, "高橋 花子")
    make_candidate(session, cast.other, "髙橋 太郎")
    for _ in range(2):
        assert (names(session, cast.acme), names(session, cast.other)) == (["高橋 花子"], ["髙橋 太郎"])
    with scopes.everyone(session, "test"):
        assert NAMES.all(session) == ["高橋 花子", "髙橋 太郎"]


def test_practice_is_seen_in_practice_alone(session: Session) -> None:
    cast = make_cast(session)
    read = Prepared(select(Message.to_address), str)
    with scopes.company(session, cast.acme.id):
        session.add(_mail("hanako@example.com"))
        with scopes.practice(session):
            session.add(_mail("practice@example.com"))
            assert read.all(session) == ["practice@example.com"]
        assert read.all(session) == ["hanako@example.com"]


def _mail(to: str) -> Message:
    at = clock.now()
    told = {"due_at": at, "created_at": at, "message_id": new_message_id(), "state": MessageState.SCHEDULED}
    return Message(letter="result", mail_class=MailClass.RELAY, to_address=to, **told)


def test_what_is_to_be_shown_has_every_value_and_is_never_written(session: Session) -> None:
    cast = make_cast(session)
    kept = make_candidate(session, cast.acme, "高橋 花子", email="hanako@example.com")
    session.commit()
    with scopes.company(session, cast.acme.id):
        [row] = prepared.read(session, _EVERY_COLUMN)
        seen = prepared.shown(Candidate, row)
        for column in prepared.columns_of(Candidate):
            assert getattr(seen, column.key) == getattr(kept, column.key), column.key
        seen.name = "別の名"
        session.commit()
        assert session.scalars(select(Candidate.name)).one() == "高橋 花子"
    assert seen not in session


_EVERY_COLUMN = select(*prepared.columns_of(Candidate))


def test_what_never_changes_stands_in_the_statement_and_what_is_typed_does_not(session: Session) -> None:
    cast = make_cast(session)
    wanted = Candidate.basis == RetentionBasis.STATED, Candidate.email != "", Candidate.name == "高橋 花子"
    read = Prepared(select(Candidate.id).where(*wanted, Candidate.id.not_in([17, 18])).limit(3), int)
    with scopes.company(session, cast.acme.id):
        assert read.all(session) == []
    [form] = read._forms.values()
    assert "'stated'" in form.text
    assert "!= ''" in form.text
    assert "高橋" not in form.text
    assert "NOT IN (17, 18)" in form.text
    assert ("LIMIT 3" in form.text) == (session.get_bind().dialect.name == "postgresql")


def test_a_profile_is_read_through_shares_alone(session: Session) -> None:
    cast = make_cast(session)
    read = Prepared(select(Profile.id).order_by(Profile.id), int)
    with scopes.partner(session, cast.tsumugi.id):
        assert read.all(session) == []
    bound = scopes.prepared(read.statement, scopes.Scope(partner=cast.tsumugi.id))
    assert Share.__tablename__ in str(bound)
    joined = scopes.prepared(select(PartnerPerson.id), scopes.Scope(partner=cast.tsumugi.id))
    assert "partner_people.partner_id = :scope_partner" in str(joined)


def test_values_go_in_and_come_out_as_they_are_stored(session: Session) -> None:
    """What was not written yet is written first; moments keep their zone, words of a closed list their class."""
    cast = make_cast(session)
    read = Prepared(
        select(Candidate.created_at, Candidate.basis, Candidate.created_at).where(
            Candidate.created_at >= bindparam("first"),
            Candidate.created_at <= moments.now(),
            one_of(Candidate.name, "name", 2),
        ),
        lambda *columns: columns,
    )
    with scopes.company(session, cast.acme.id):
        made = clock.now() - timedelta(minutes=1)
        person = Candidate(name="高橋 花子", name_key="x", basis=RetentionBasis.STATED)
        person.created_at = person.updated_at = made
        session.add(person)
        asked = {"first": made, **numbered("name", ["髙橋 太郎", "高橋 花子"])}
        assert read.all(session, **asked) == [(made, RetentionBasis.STATED, made)]
        assert read.first(session, **asked | {"first": made + timedelta(seconds=1)}) is None
        with clock.at(made - timedelta(seconds=1)):
            assert read.first(session, **asked) is None
        with pytest.raises(KeyError):
            read.all(session)


def test_a_list_that_is_given_is_refused_and_one_that_never_changes_stands_in_the_statement(session: Session) -> None:
    cast = make_cast(session)
    person = make_candidate(session, cast.acme, "髙橋 太郎")
    given = Prepared(select(Candidate.id).where(Candidate.id.in_(bindparam("ids", expanding=True))), int)
    bases = tuple(RetentionBasis)
    fixed = select(Candidate.id, Candidate.name, Candidate.basis).where(Candidate.basis.in_(bases))
    with scopes.company(session, cast.acme.id):
        with pytest.raises(AssertionError, match="one_of"):
            given.all(session, ids=[person.id])
        [row] = prepared.read(session, fixed)
        assert prepared.read(session, fixed) == [row]
    assert (row.id, row.name, row.basis) == (person.id, "髙橋 太郎", person.basis)
    with scopes.company(session, cast.other.id):
        assert prepared.read(session, fixed) == []


def test_what_the_driver_refuses_is_an_error_of_sqlalchemy_that_quotes_no_value(session: Session) -> None:
    broken = Prepared(select(literal_column("nothing")).where(literal("花子") == bindparam("name", "髙橋")), str)
    with scopes.everyone(session, "test"), pytest.raises(DBAPIError) as refused:
        broken.all(session, name="直人")
    assert "nothing" in str(refused.value)
    assert not any(word in str(refused.value) for word in ("花子", "髙橋", "直人"))


def test_where_somebody_listens_they_hear_the_statement(session: Session) -> None:
    cast = make_cast(session)
    make_candidate(session, cast.acme, "高橋 花子")
    session.flush()
    with counted(db.engine) as heard:
        assert names(session, cast.acme) == ["高橋 花子"]
    assert len(heard) == 1


def names(session: Session, company: Company) -> list[str]:
    with scopes.company(session, company.id):
        return NAMES.all(session)


def test_one_statement_says_which_have_rows_in_the_scope(session: Session) -> None:
    """Those that count say it of what they count; the same values are given to all."""
    cast = make_cast(session)
    make_candidate(session, cast.acme, "高橋 花子")
    named = select(Candidate.id).where(Candidate.name == bindparam("name")).order_by(Candidate.name).limit(5)
    counted_names = select(func.count(), func.min(Candidate.id)).where(Candidate.name == bindparam("name"))
    nobody = select(func.count()).where(Candidate.name == "")
    statements = (named, counted_names, nobody)
    with scopes.company(session, cast.acme.id), counted(db.engine) as said:
        assert prepared.have_rows(session, statements, name="高橋 花子") == [True, True, False]
    assert len(said) == 1
    with scopes.company(session, cast.other.id):
        assert prepared.have_rows(session, statements, name="高橋 花子") == [False, False, False]
