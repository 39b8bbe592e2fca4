"""The second factor (E-5): codes of RFC 6238, each once, a step of drift, growing waits, ten recovery codes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import factor_rule, second_factor, sessions, sign_in, users
from relay.infra import vault
from relay.models import Candidate, Event, EventTag, Message, RecoveryCode, User, UserSession, scopes
from tests.cast import PASSWORD, Cast, make_candidate, make_cast

NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
KEY = b"h" * 40
STEP = timedelta(seconds=30)


@pytest.fixture
def cast(session: Session) -> Iterator[Cast]:
    with clock.at(NOON):
        yield make_cast(session)


@pytest.fixture
def codes(session: Session, cast: Cast) -> list[str]:
    """Ada has a second factor since noon; these are her recovery codes."""
    second_factor.begin(session, cast.ada)
    return second_factor.confirm(session, cast.ada, code_at(cast.ada, NOON), hash_key=KEY, keep_session=None)


def code_at(user: User, moment: datetime) -> str:
    """What the app of this person shows at a moment."""
    return pyotp.TOTP(vault.unseal(user.totp_pending or user.totp_secret)).at(moment)


def shows(session: Session, user: User, code: str, *, at: datetime) -> bool:
    with clock.at(at):
        accepted = second_factor.accept(session, user, code, hash_key=KEY)
        session.commit()
        return accepted


def logged(session: Session, tag: EventTag) -> int:
    return session.scalar(select(func.count()).where(Event.tag == tag.value)) or 0


def notices(session: Session) -> list[str]:
    with scopes.everyone(session, "test"):
        sent = session.scalars(select(Message).where(Message.letter == "security-notice").order_by(Message.id))
        return [message.values["what"] for message in sent]


def test_a_secret_has_160_bits_and_is_kept_sealed(session: Session, cast: Cast) -> None:
    shown = second_factor.begin(session, cast.ada)
    assert len(pyotp.TOTP(shown.secret).byte_secret()) == 20
    assert shown.secret not in cast.ada.totp_pending
    assert shown.uri.startswith("otpauth://totp/Relay:ada%40acme.example?secret=" + shown.secret)


def test_a_secret_is_in_force_only_once_a_code_of_it_was_shown(session: Session, cast: Cast) -> None:
    second_factor.begin(session, cast.ada)
    assert not second_factor.accept(session, cast.ada, code_at(cast.ada, NOON), hash_key=KEY)
    with pytest.raises(second_factor.CodeRefused):
        second_factor.confirm(session, cast.ada, "000000", hash_key=KEY, keep_session=None)
    assert not cast.ada.totp_secret
    second_factor.confirm(session, cast.ada, code_at(cast.ada, NOON), hash_key=KEY, keep_session=None)
    assert cast.ada.totp_secret
    assert not cast.ada.totp_pending
    assert notices(session) == ["second-factor-enrolled"]


def test_nothing_can_be_confirmed_that_was_not_begun(session: Session, cast: Cast) -> None:
    with pytest.raises(second_factor.NothingPending):
        second_factor.confirm(session, cast.ada, "123456", hash_key=KEY, keep_session=None)


def test_the_code_that_enrolled_does_not_sign_in_as_well(session: Session, cast: Cast, codes: list[str]) -> None:
    assert not shows(session, cast.ada, code_at(cast.ada, NOON), at=NOON)


def test_a_code_is_accepted_once(session: Session, cast: Cast, codes: list[str]) -> None:
    later = NOON + timedelta(minutes=5)
    code = code_at(cast.ada, later)
    assert shows(session, cast.ada, code, at=later)
    assert not shows(session, cast.ada, code, at=later)
    assert not shows(session, cast.ada, code, at=later + STEP), "nor while it would still be within the drift"


def test_a_code_older_than_the_last_accepted_one_is_refused(session: Session, cast: Cast, codes: list[str]) -> None:
    later = NOON + timedelta(minutes=5)
    before = code_at(cast.ada, later - STEP)
    assert shows(session, cast.ada, code_at(cast.ada, later), at=later)
    assert not shows(session, cast.ada, before, at=later)


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(
    session: Session, cast: Cast, codes: list[str], steps: int, accepted: bool
) -> None:
    later = NOON + timedelta(minutes=5)
    assert shows(session, cast.ada, code_at(cast.ada, later + steps * STEP), at=later) is accepted


@pytest.mark.parametrize("spell", ["{0}", " {0} ", "{1} {2}", "wide"])
def test_a_code_is_read_however_it_is_typed(session: Session, cast: Cast, codes: list[str], spell: str) -> None:
    later = NOON + timedelta(minutes=5)
    code = code_at(cast.ada, later)
    wide = code.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})
    assert shows(session, cast.ada, wide if spell == "wide" else spell.format(code, code[:3], code[3:]), at=later)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "x" * 5000, "\x00"])
def test_what_is_no_code_is_refused(session: Session, cast: Cast, codes: list[str], typed: str) -> None:
    assert not shows(session, cast.ada, typed, at=NOON + timedelta(minutes=5))


def test_ten_recovery_codes_each_once(session: Session, cast: Cast, codes: list[str]) -> None:
    assert len(set(codes)) == 10
    later = NOON + timedelta(minutes=5)
    assert shows(session, cast.ada, codes[0], at=later)
    assert not shows(session, cast.ada, codes[0], at=later)
    assert shows(session, cast.ada, codes[1].replace("-", "").lower(), at=later)
    assert second_factor.state(session, cast.ada) == second_factor.State(enrolled=True, codes_left=8)
    assert logged(session, EventTag.RECOVERY_CODE_USED) == 2
    assert notices(session)[1:] == ["recovery-code-used"] * 2


def test_recovery_codes_are_kept_as_keyed_hashes(session: Session, cast: Cast, codes: list[str]) -> None:
    kept = set(session.scalars(select(RecoveryCode.code_hash)))
    assert len(kept) == 10
    assert all(code.replace("-", "") not in hash_ for code in codes for hash_ in kept)
    assert not second_factor.accept(session, cast.ada, codes[0], hash_key=b"another key, forty characters long ......")


def test_a_recovery_code_is_its_owners_alone(session: Session, cast: Cast, codes: list[str]) -> None:
    second_factor.begin(session, cast.adam)
    second_factor.confirm(session, cast.adam, code_at(cast.adam, NOON), hash_key=KEY, keep_session=None)
    assert not shows(session, cast.adam, codes[0], at=NOON)


def test_new_codes_end_the_earlier_ones(session: Session, cast: Cast, codes: list[str]) -> None:
    fresh = second_factor.new_codes(session, cast.ada, hash_key=KEY)
    assert not shows(session, cast.ada, codes[0], at=NOON)
    assert shows(session, cast.ada, fresh[0], at=NOON)


def test_only_who_has_a_factor_gets_new_codes(session: Session, cast: Cast) -> None:
    with pytest.raises(second_factor.NothingPending):
        second_factor.new_codes(session, cast.ada, hash_key=KEY)


def test_the_organisation_may_forbid_to_remove_it(session: Session, cast: Cast, codes: list[str]) -> None:
    with pytest.raises(second_factor.NotRemovable):
        second_factor.remove_own(session, cast.ada, required=True, keep_session=None)
    second_factor.remove_own(session, cast.ada, required=False, keep_session=None)
    assert second_factor.state(session, cast.ada) == second_factor.State(enrolled=False, codes_left=0)
    assert notices(session)[-1] == "second-factor-removed"


def test_enrolling_and_removing_end_the_other_sessions(session: Session, cast: Cast) -> None:
    here, there = (sessions.start(session, cast.ada.id, ip="", agent="") for _browser in range(2))
    person = sessions.load(session, here)
    assert person is not None
    second_factor.begin(session, cast.ada)
    code = code_at(cast.ada, NOON)
    second_factor.confirm(session, cast.ada, code, hash_key=KEY, keep_session=person.session_id)
    assert sessions.load(session, here) is not None
    assert sessions.load(session, there) is None
    second_factor.remove(session, cast.ada)
    assert session.scalar(select(func.count(UserSession.id))) == 0


def test_a_secret_sealed_with_an_earlier_key_is_sealed_anew_when_used(
    session: Session, cast: Cast, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, later = cast.ada.totp_secret, NOON + timedelta(minutes=5)
    monkeypatch.setattr(vault, "is_current", lambda _sealed: False)
    assert shows(session, cast.ada, code_at(cast.ada, later), at=later)
    assert cast.ada.totp_secret != sealed
    assert vault.unseal(cast.ada.totp_secret) == vault.unseal(sealed)


def test_guessing_waits_longer_and_longer_and_the_person_is_told_once(
    session: Session, cast: Cast, codes: list[str]
) -> None:
    """A day of guessing gets through fewer than 130 codes of a million, three of which would do."""
    tries, moment = 0, NOON + timedelta(hours=1)
    while moment < NOON + timedelta(hours=25):
        with clock.at(moment):
            wait = sign_in.may_try_code(session, cast.ada.id, hash_key=KEY)
            if wait == timedelta(0):
                tries += 1
                assert not sign_in.try_code(session, cast.ada, "not it", hash_key=KEY)
            session.commit()
        moment += max(wait, timedelta(seconds=1))
    assert tries < 130
    assert logged(session, EventTag.SECOND_FACTOR_REFUSED) == tries
    assert notices(session).count("codes-guessed") == 1


def test_the_right_code_waits_too_and_then_counts_anew(session: Session, cast: Cast, codes: list[str]) -> None:
    moment = NOON + timedelta(hours=1)
    with clock.at(moment):
        for _try in range(5):
            assert sign_in.may_try_code(session, cast.ada.id, hash_key=KEY) == timedelta(0)
            sign_in.try_code(session, cast.ada, "000 00", hash_key=KEY)
        assert sign_in.may_try_code(session, cast.ada.id, hash_key=KEY) > timedelta(0)
    with clock.at(moment + timedelta(seconds=2)):
        assert sign_in.may_try_code(session, cast.ada.id, hash_key=KEY) == timedelta(0)
        assert sign_in.try_code(session, cast.ada, code_at(cast.ada, clock.now()), hash_key=KEY)
        assert sign_in.may_try_code(session, cast.ada.id, hash_key=KEY) == timedelta(0)


def test_the_password_alone_opens_a_session_that_opens_nothing(session: Session, cast: Cast, codes: list[str]) -> None:
    attempt = sign_in.begin(session, email=cast.ada.email, ip="192.0.2.1", hash_key=KEY)
    before = logged(session, EventTag.SIGNED_IN)
    entry = sign_in.finish(session, attempt, sign_in.prove(attempt, PASSWORD), agent="test")
    assert entry is not None
    assert entry.awaits_code
    assert sessions.load(session, entry.token) is None
    assert sessions.awaiting(session, entry.token) is not None
    assert logged(session, EventTag.SIGNED_IN) == before, "nobody has signed in yet"
    with clock.at(NOON + timedelta(minutes=11)):
        assert sessions.awaiting(session, entry.token) is None


def test_shutting_the_login_ends_the_wait_for_the_code(session: Session, cast: Cast, codes: list[str]) -> None:
    entry = sign_in.open_session(session, cast.ada, ip="", agent="")
    users.disable(session, cast.ada)
    assert sessions.awaiting(session, entry.token) is None


@pytest.mark.parametrize(
    ("holds_people", "is_live", "asked"), [(False, False, False), (True, False, True), (False, True, True)]
)
def test_a_company_asks_once_it_holds_people_or_is_live(
    session: Session, cast: Cast, holds_people: bool, is_live: bool, asked: bool
) -> None:
    cast.acme.second_factor_required, cast.acme.live_since = True, NOON if is_live else None
    if holds_people:
        make_candidate(session, cast.acme)
    session.commit()
    session.expire_all()
    person = sessions.load(session, sessions.start(session, cast.ada.id, ip="", agent=""))
    assert person is not None
    assert (person.factor_missing, person.must_enrol) == (True, asked)


def test_a_partner_asks_from_the_first_login(session: Session, cast: Cast) -> None:
    cast.tsumugi.second_factor_required = True
    session.commit()
    person = sessions.load(session, sessions.start(session, cast.agnes.id, ip="", agent=""))
    assert person is not None
    assert person.must_enrol


def test_outside_development_no_organisation_is_excused(
    app: Flask, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands in its row: an old company that left it to each, a demo that was left behind."""
    assert not factor_rule.is_due(session, cast.acme)
    monkeypatch.setitem(app.config, "RELAY", replace(app.config["RELAY"], env="production"))
    assert factor_rule.is_due(session, cast.acme)
    assert factor_rule.is_due(session, cast.tsumugi)
    with pytest.raises(factor_rule.OnlyInDevelopment):
        factor_rule.excuse(cast.acme)


def test_a_company_without_candidates_protects_nobody_until_it_sends(
    app: Flask, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another company's people do not count; of those erased nobody is left."""
    monkeypatch.setitem(app.config, "RELAY", replace(app.config["RELAY"], env="production"))
    cast.acme.live_since = cast.other.live_since = None
    make_candidate(session, cast.acme)
    assert factor_rule.is_due(session, cast.acme)
    assert not factor_rule.is_due(session, cast.other)
    with scopes.company(session, cast.acme.id):
        session.execute(delete(Candidate))
    assert not factor_rule.is_due(session, cast.acme)
    cast.acme.live_since = NOON
    assert factor_rule.is_due(session, cast.acme)
