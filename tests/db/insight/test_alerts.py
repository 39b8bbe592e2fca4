"""Alerts: nobody who fitted at the beginning is announced, whoever comes later is once, and one mail a day says so."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import position_admin, tag_admin, undo
from relay.candidates import facts, follow_ups, notes, tags
from relay.candidates.duplicates import merging
from relay.extensions import db
from relay.hiring import positions
from relay.identity import leaving
from relay.indexing import search_rows
from relay.infra import jobs
from relay.insight import alerts, digests, lookout, thresholds
from relay.insight.thresholds import NotToBeWatched, Watched
from relay.mail import compose
from relay.models import (
    AlertHit,
    AlertReader,
    AlertReason,
    Candidate,
    FollowUp,
    JournalEntry,
    Message,
    Position,
    PositionState,
    RetentionBasis,
    Role,
    SavedSearch,
    TagKind,
    User,
    scopes,
)
from relay.rights import erasure
from relay.search import saved
from relay.search.candidate_search import Query
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position
from tests.db.intake.bringing import bring, sheet
from tests.statements import counted

WELDS = "溶接工"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def welder(session: Session, cast: Cast) -> Position:
    return make_position(session, cast.acme, WELDS)


def person(session: Session, cast: Cast, name: str, role: str = WELDS, **values: Any) -> Candidate:
    """Somebody in the pool of Acme with a search row."""
    made = make_candidate(session, cast.acme, name, **({"desired_role": role, "email": f"{name}@m.example"} | values))
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [made.id])
    return made


def search(session: Session, cast: Cast, q: str = WELDS, *, user: User | None = None, shared: bool = False) -> Watched:
    with scopes.company(session, cast.acme.id):
        kept = saved.save(session, q, Query(q=q), user_id=(user or cast.ada).id, shared=shared)
    return Watched(search=kept)


def follow(session: Session, cast: Cast, of: Watched, user: User | None = None) -> bool:
    with scopes.company(session, cast.acme.id):
        new = alerts.follow(session, cast.acme.id, (user or cast.ada).id, of)
    session.commit()
    return new


def look(session: Session, cast: Cast) -> None:
    """Let the worker do what it does within a minute."""
    session.commit()
    lookout.schedule(session)
    session.commit()
    while jobs.deliver_event(session, clock.now()) or jobs.run_one(session, clock.now()):
        pass


def told(session: Session, cast: Cast, user: User | None = None) -> list[tuple[str, AlertReason]]:
    """Who was announced to somebody and why, in the order of their names."""
    look(session, cast)
    with scopes.company(session, cast.acme.id):
        rows = alerts.announced(session, (user or cast.ada).id).rows
    return sorted((row.name, row.reason) for row in rows)


def names(session: Session, cast: Cast, user: User | None = None) -> list[str]:
    return [name for name, _reason in told(session, cast, user)]


def test_a_search_speaks_up_for_whoever_comes_later_and_never_twice(session: Session, cast: Cast) -> None:
    person(session, cast, "前 一郎")
    of = search(session, cast)
    assert follow(session, cast, of)
    assert not follow(session, cast, of), "twice is once"
    assert names(session, cast) == []
    later = person(session, cast, "後 二郎")
    person(session, cast, "別 三郎", role="経理")
    assert told(session, cast) == [("後 二郎", AlertReason.SEARCH)]
    with scopes.company(session, cast.acme.id):
        follow_ups.set_follow_up(session, later, FollowUp.SCOUT)
        search_rows.index(session, [later.id])
    assert names(session, cast) == ["後 二郎"]


def test_a_position_knows_two_reasons_and_announces_each_once(session: Session, cast: Cast, welder: Position) -> None:
    with scopes.company(session, cast.acme.id):
        positions.change(session, welder, {"required_qualifications": "ガス溶接技能者\n玉掛け技能者"})
    person(session, cast, "前 一郎")
    follow(session, cast, Watched(position=welder))
    later = person(session, cast, "後 二郎", qualifications="玉掛け技能者")
    assert told(session, cast) == [("後 二郎", AlertReason.ROLE)]
    with scopes.company(session, cast.acme.id):
        facts.change(session, later, {"qualifications": "玉掛け技能者、ガス溶接技能者"})
    assert told(session, cast) == [("後 二郎", AlertReason.QUALIFICATIONS), ("後 二郎", AlertReason.ROLE)]


def test_a_position_announces_nobody_who_may_not_be_written_to_until_they_may(
    session: Session, cast: Cast, welder: Position
) -> None:
    follow(session, cast, Watched(position=welder))
    silent = person(session, cast, "無 宛先", email="")
    kept = person(session, cast, "対象 外", follow_up=FollowUp.RELAY)
    assert names(session, cast) == []
    with scopes.company(session, cast.acme.id):
        follow_ups.set_follow_up(session, kept, FollowUp.SCOUT)
        facts.change(session, silent, {"email": "now@mail.example"})
    assert names(session, cast) == ["対象 外", "無 宛先"]


def test_a_position_that_rests_takes_people_in_silently(session: Session, cast: Cast, welder: Position) -> None:
    follow(session, cast, Watched(position=welder))
    with scopes.company(session, cast.acme.id):
        positions.set_state(session, welder, PositionState.PAUSED)
    person(session, cast, "休 一郎")
    look(session, cast)
    with scopes.company(session, cast.acme.id):
        positions.set_state(session, welder, PositionState.OPEN)
    person(session, cast, "後 二郎")
    assert names(session, cast) == ["後 二郎"]


def test_other_contents_of_a_position_announce_nobody_who_fits_by_them(
    session: Session, cast: Cast, welder: Position
) -> None:
    builder = person(session, cast, "前 大工", role="大工")
    follow(session, cast, Watched(position=welder))
    with scopes.company(session, cast.acme.id):
        position_admin.change(session, welder, {"title": "大工"})
    look(session, cast)
    with scopes.company(session, cast.acme.id):
        notes.add_note(session, builder, "お会いした。", by_user_id=None)
    assert names(session, cast) == []
    person(session, cast, "後 大工", role="大工")
    assert names(session, cast) == ["後 大工"]


def test_another_name_of_tag_position_or_person_announces_nobody(session: Session, cast: Cast) -> None:
    sales = make_position(session, cast.acme, "販売")
    applied, carrier = person(session, cast, "応募 一郎", role=""), person(session, cast, "札 二郎", role="")
    called = person(session, cast, "旧 姓", role="")
    make_application(session, applied, sales)
    with scopes.company(session, cast.acme.id):
        tag = tags.find_or_make(session, "現場", kind=TagKind.FREE, confirmed=True)
        tags.add_tag(session, tag, [carrier.id], by_user_id=None)
    for q in ("営業企画", "現場監督", "溶接"):
        follow(session, cast, search(session, cast, q))
    with scopes.company(session, cast.acme.id):
        position_admin.change(session, sales, {"title": "営業企画"})
        tag_admin.change(session, tag, name="現場監督", kind=TagKind.FREE, colour=tag.colour, confirmed=True)
        facts.change(session, called, {"name": "溶接 姓"})
    assert names(session, cast) == []


def test_two_records_that_become_one_or_two_again_announce_nobody(session: Session, cast: Cast) -> None:
    kept, gone = person(session, cast, "一 郎", role="経理"), person(session, cast, "二 郎")
    follow(session, cast, search(session, cast))
    number = gone.id
    with scopes.company(session, cast.acme.id):
        entry = merging.merge(session, cast.acme.id, (kept.id, gone.id), {}, by_user_id=None).entry_id
        assert names(session, cast) == []
        undo.undo(session, cast.acme.id, entry, by_user_id=None)
        for role in ("経理", WELDS):
            facts.change(session, session.get_one(Candidate, number), {"desired_role": role})
            assert names(session, cast) == [], "back, and still known"


def test_the_one_who_stays_of_two_was_seen_as_the_other(session: Session, cast: Cast) -> None:
    kept = person(session, cast, "一 郎")
    gone = person(session, cast, "二 郎", basis=RetentionBasis.CONSENTED)
    follow(session, cast, search(session, cast, "basis:consented"))
    with scopes.company(session, cast.acme.id):
        merging.merge(session, cast.acme.id, (kept.id, gone.id), {}, by_user_id=None)
        assert names(session, cast) == [], "kept by the narrower reason"
        session.get_one(Candidate, kept.id).basis = RetentionBasis.CONSENTED
        search_rows.index(session, [kept.id])
    assert names(session, cast) == []


def test_what_cannot_be_watched_is_refused_in_words(session: Session, cast: Cast) -> None:
    bare = make_position(session, cast.acme, "第七課")
    for of in (search(session, cast, "更新:<6か月"), search(session, cast, "持病"), Watched(position=bare)):
        with scopes.company(session, cast.acme.id), pytest.raises(NotToBeWatched):
            alerts.follow(session, cast.acme.id, cast.ada.id, of)


def test_whoever_watches_everybody_is_refused(
    session: Session, cast: Cast, welder: Position, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thresholds, "MAX_KNOWN", 1)
    person(session, cast, "前 一郎")
    of = Watched(position=welder)
    assert follow(session, cast, of)
    person(session, cast, "前 二郎")
    for of in (search(session, cast), Watched(position=make_position(session, cast.acme, "溶接工 夜勤"))):
        with scopes.company(session, cast.acme.id), pytest.raises(NotToBeWatched):
            alerts.follow(session, cast.acme.id, cast.ada.id, of)


def test_what_asks_for_everybody_since_it_was_changed_rests_until_it_asks_for_fewer(
    session: Session, cast: Cast, welder: Position, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More are never taken as known in one go than when an alert begins, and the page says why nothing comes."""
    monkeypatch.setattr(thresholds, "MAX_KNOWN", 2)
    of = Watched(position=welder)
    follow(session, cast, of)
    for number in range(3):
        person(session, cast, f"前 {number}", role="経理", qualifications="玉掛け技能者")
    _require(session, cast, welder, "玉掛け技能者")
    person(session, cast, "後 一郎", role="経理", qualifications="玉掛け技能者")
    assert names(session, cast) == []
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(AlertHit.id))) == 0
        [followed] = alerts.followed(session, cast.ada.id)
        assert followed.is_too_wide
        with pytest.raises(NotToBeWatched):
            alerts.follow(session, cast.acme.id, cast.adam.id, of)
    session.rollback()
    _require(session, cast, welder, "")
    person(session, cast, "後 二郎")
    assert told(session, cast) == [("後 二郎", AlertReason.ROLE)]
    with scopes.company(session, cast.acme.id):
        assert not alerts.followed(session, cast.ada.id)[0].is_too_wide


def _require(session: Session, cast: Cast, position: Position, qualification: str) -> None:
    with scopes.company(session, cast.acme.id):
        positions.change(session, position, {"required_qualifications": qualification})
    look(session, cast)


def test_off_and_on_again_begins_anew(session: Session, cast: Cast) -> None:
    of = search(session, cast)
    follow(session, cast, of)
    person(session, cast, "一 郎")
    assert names(session, cast) == ["一 郎"]
    with scopes.company(session, cast.acme.id):
        alert_id = alerts.alert_of(session, cast.ada.id, of)
        assert alert_id
        assert alerts.unfollow(session, cast.acme.id, cast.ada.id, alert_id)
        assert not alerts.unfollow(session, cast.acme.id, cast.ada.id, alert_id)
    person(session, cast, "二 郎")
    assert names(session, cast) == []
    follow(session, cast, of)
    person(session, cast, "三 郎")
    assert names(session, cast) == ["三 郎"]


def test_each_member_is_told_from_when_they_followed_and_of_what_they_may_see(session: Session, cast: Cast) -> None:
    own, common = search(session, cast), search(session, cast, "溶接", shared=True)
    for of in (own, common):
        follow(session, cast, of)
    person(session, cast, "一 郎")
    follow(session, cast, common, cast.adam)
    person(session, cast, "二 郎")
    assert names(session, cast) == ["一 郎", "一 郎", "二 郎", "二 郎"]
    assert names(session, cast, cast.adam) == ["二 郎"]
    assert common.search
    common.search.shared = False
    assert names(session, cast, cast.adam) == []
    with scopes.company(session, cast.other.id):
        assert not alerts.announced(session, cast.mona.id).rows


# the mail of a day


def mails(session: Session, cast: Cast, days: int = 1) -> list[Message]:
    """The digests that wait, once the worker has come by so many mornings from now."""
    look(session, cast)
    with clock.at(clock.now() + timedelta(days=days)), scopes.company(session, cast.acme.id):
        digests.write_to(session, cast.acme.id)
        session.commit()
        return list(session.scalars(select(Message).where(Message.letter == digests.LETTER).order_by(Message.id)))


def test_ten_thousand_hits_make_one_digest_that_names_nobody(session: Session, cast: Cast) -> None:
    for number in range(12):
        follow(session, cast, search(session, cast, f"{WELDS} -除外{number}"))
    rows = [{"氏名": f"大量 {n}郎", "メールアドレス": f"m{n}@m.example", "希望職種": WELDS} for n in range(900)]
    bring(session, cast.acme, sheet(rows))
    with counted(db.engine) as few:
        first = mails(session, cast)
    assert len(first) == 1
    assert (first[0].to_address, len(first[0].values["found"]), first[0].values["further"]) == (cast.ada.email, 10, 2)
    assert {number for _alert, number in first[0].values["found"]} == {900}
    assert len(mails(session, cast)) == 1, "nothing new, no mail"
    with scopes.company(session, cast.acme.id):
        mail = compose.render(session, first[0], preview=False, links={"off_url": "https://x.example/alerts-off/t"})
    assert "900名" in mail.text
    assert "ほか2件" in mail.text
    assert "大量" not in mail.text + mail.html
    assert len(mail.text) < 3_000
    assert mail.headers["List-Unsubscribe"] == "<https://x.example/alerts-off/t>"
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert len(few) < 12 * 2 * 15 + 100, "statements by portions of people and by alerts, not by people"


def test_one_mail_a_day_however_often_the_worker_comes(session: Session, cast: Cast) -> None:
    follow(session, cast, search(session, cast))
    person(session, cast, "一 郎")
    assert len(mails(session, cast)) == 1
    person(session, cast, "二 郎")
    assert len(mails(session, cast)) == 1, "the same morning"
    assert len(mails(session, cast, days=2)) == 2


def test_who_left_lost_the_role_or_wants_no_mail_gets_none_and_what_was_missed_is_not_mailed_later(
    session: Session, cast: Cast
) -> None:
    common = search(session, cast, shared=True)
    for user in (cast.ada, cast.adam):
        follow(session, cast, common, user)
    person(session, cast, "一 郎")
    with scopes.company(session, cast.acme.id):
        alerts.set_mail(session, cast.acme.id, cast.adam.id, on=False)
    cast.ada.role = Role.VIEWER
    assert mails(session, cast) == []
    cast.ada.role = Role.RECRUITER
    with scopes.company(session, cast.acme.id):
        alerts.set_mail(session, cast.acme.id, cast.adam.id, on=True)
    assert mails(session, cast, days=2) == []
    person(session, cast, "二 郎")
    leaving.leave(session, cast.ada)
    assert [mail.to_address for mail in mails(session, cast, days=3)] == [cast.adam.email]


def test_a_mail_that_waits_is_not_sent_to_somebody_who_left_or_stopped_it(session: Session, cast: Cast) -> None:
    follow(session, cast, search(session, cast))
    person(session, cast, "一 郎")
    [mail] = mails(session, cast)
    with scopes.company(session, cast.acme.id):
        lapsed = digests.LETTERS[0].has_lapsed
        assert lapsed
        assert not lapsed(session, mail)
        alerts.set_mail(session, cast.acme.id, cast.ada.id, on=False)
        assert lapsed(session, mail)


# erasure


def test_erasure_takes_what_was_announced_along(session: Session, cast: Cast) -> None:
    before = person(session, cast, "前 一郎")
    follow(session, cast, search(session, cast))
    later = person(session, cast, "後 二郎")
    look(session, cast)
    erasure.erase_candidates(session, cast.acme.id, [before.id, later.id])
    session.commit()
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(AlertHit)).all() == []
    assert names(session, cast) == []


@pytest.mark.parametrize("reached", ["by address everywhere", "by address here", "as the person who came again"])
def test_erasure_takes_along_what_is_remembered_of_somebody_whose_import_was_undone(
    session: Session, cast: Cast, reached: str
) -> None:
    sheets = [
        sheet([{"氏名": "一 郎", "メールアドレス": each, "希望職種": WELDS}]) for each in ("A@m.example", "b@m.example")
    ]
    follow(session, cast, search(session, cast))
    for each in sheets:
        bring(session, cast.acme, each)
        look(session, cast)
        _undo(session, cast)
    assert remembered(session) == 2
    if reached == "as the person who came again":
        bring(session, cast.acme, sheets[0])
        with scopes.company(session, cast.acme.id):
            again = session.scalars(select(Candidate.id)).one()
        erasure.erase_candidates(session, cast.acme.id, [again])
    else:
        erasure.erase_address(session, "a@m.example", cast.other.id)
        assert remembered(session) == 2, "another company's erasure"
        erasure.erase_address(session, "a@m.example", cast.acme.id if reached.endswith("here") else None)
    assert remembered(session) == 1


def remembered(session: Session) -> int:
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count(AlertHit.id)).where(AlertHit.person_hash != "")) or 0


def test_people_who_are_long_gone_are_forgotten(session: Session, cast: Cast) -> None:
    follow(session, cast, search(session, cast))
    bring(session, cast.acme, sheet([{"氏名": "一 郎", "メールアドレス": "a@m.example", "希望職種": WELDS}]))
    assert names(session, cast) == ["一 郎"]
    _undo(session, cast)
    for days, left in ((29, 1), (31, 0)):
        with clock.at(clock.now() + timedelta(days=days)), scopes.everyone(session, "test: the sweep"):
            lookout.sweep(session)
            assert session.scalar(select(func.count(AlertHit.id))) == left


def _undo(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        entry = session.scalars(select(JournalEntry.id).order_by(JournalEntry.id.desc())).first()
        assert entry
        undo.undo(session, cast.acme.id, entry, by_user_id=None)
    session.commit()


# random histories


class History:
    """A company as it goes on at random, with who was visible when something was followed, by their addresses."""

    def __init__(self, session: Session, cast: Cast, seed: int) -> None:
        self.session, self.cast, self.random, self.number = session, cast, Random(seed), 0  # noqa: S311
        self.position = make_position(session, cast.acme, WELDS)
        self.watched: list[Watched] = []
        self.visible: dict[int, set[tuple[int, AlertReason]]] = {}
        self.files: list[bytes] = []
        self.first: dict[str, int] = {}
        """The number of the first record of each address; whoever was erased is somebody new."""
        self.same: dict[int, int] = {}
        """The number of the record before, where somebody was imported again after an import was undone."""

    def who(self, candidate_id: int) -> int:
        while candidate_id in self.same:
            candidate_id = self.same[candidate_id]
        return candidate_id

    def people(self) -> list[Candidate]:
        return list(self.session.scalars(select(Candidate).order_by(Candidate.id)))

    def step(self) -> None:
        acts = (
            self.imports, self.imports_again, self.edits, self.edits, self.merges, self.undoes, self.erases,
            self.follows, self.looks, self.looks,
        )  # fmt: skip
        with scopes.company(self.session, self.cast.acme.id):
            self.random.choice(acts)()
        self.session.commit()

    def imports(self) -> None:
        rows = []
        for _ in range(self.random.randint(1, 3)):
            self.number += 1
            role = self.random.choice((WELDS, "経理", "溶接"))
            rows.append({"氏名": f"人 {self.number}", "メールアドレス": f"p{self.number}@m.example", "希望職種": role})
        self.files.append(sheet(rows))
        self._bring(self.files[-1])

    def imports_again(self) -> None:
        if self.files:
            self._bring(self.random.choice(self.files))

    def _bring(self, data: bytes) -> None:
        bring(self.session, self.cast.acme, data)
        for each in self.people():
            known = self.first.setdefault(each.email_key, each.id)
            if known != each.id and each.id not in self.same and self.who(known) != each.id:
                self.same[each.id] = known

    def edits(self) -> None:
        if people := self.people():
            role = self.random.choice((WELDS, "経理", "調理師"))
            facts.change(self.session, self.random.choice(people), {"desired_role": role})

    def merges(self) -> None:
        people = self.people()
        if len(people) > 1:
            one, other = self.random.sample(people, 2)
            merged = merging.merge(self.session, self.cast.acme.id, (one.id, other.id), {}, by_user_id=None)
            kept = merged.candidate.id
            gone = other.id if kept == one.id else one.id
            self.visible_as(gone, kept)

    def visible_as(self, gone: int, kept: int) -> None:
        """Whoever was visible as the one that goes is never to be announced as the one that stays."""
        for seen in self.visible.values():
            seen |= {(self.who(kept), reason) for person, reason in seen if person == self.who(gone)}

    def undoes(self) -> None:
        entries = self.session.scalars(select(JournalEntry.id).where(JournalEntry.undone_at.is_(None))).all()
        if entries:
            try:
                undo.undo(self.session, self.cast.acme.id, self.random.choice(entries), by_user_id=None)
            except (undo.CannotUndo, undo.ChangedSince):
                self.session.rollback()

    def erases(self) -> None:
        if (people := self.people()) and self.random.random() < 0.3:
            gone = self.random.choice(people)
            self.first.pop(gone.email_key, None)
            erasure.erase_candidates(self.session, self.cast.acme.id, [gone.id])

    def follows(self) -> None:
        if len(self.watched) >= 3:
            return
        of = (
            Watched(position=self.position)
            if not self.watched
            else Watched(search=self.save(f"{WELDS}{' ' * len(self.watched)}"))
        )
        self.watched.append(of)
        now = thresholds.everybody(self.session, self.cast.acme.id, of, thresholds.MAX_KNOWN)
        if alerts.follow(self.session, self.cast.acme.id, self.cast.ada.id, of):
            alert_id = alerts.alert_of(self.session, self.cast.ada.id, of)
            assert alert_id
            pairs = {(self.who(number), reason) for number, reasons in now.items() for reason in reasons}
            self.visible[alert_id] = pairs

    def save(self, q: str) -> SavedSearch:
        return saved.save(self.session, f"条件{len(self.watched)}", Query(q=q), user_id=self.cast.ada.id, shared=False)

    def looks(self) -> None:
        for _number in lookout.look(self.session, self.cast.acme.id):
            pass


@pytest.mark.parametrize("seed", range(12))
def test_in_random_histories_nobody_is_announced_who_was_visible_and_nobody_twice(
    session: Session, cast: Cast, seed: int
) -> None:
    went = History(session, cast, seed)
    told_of: set[tuple[int, int, AlertReason]] = set()
    seen_rows: set[int] = set()
    for _step in range(40):
        went.step()
        with scopes.company(session, cast.acme.id):
            fresh = session.scalars(select(AlertHit).where(AlertHit.announced_at.is_not(None))).all()
        for hit in fresh:
            if hit.id in seen_rows:
                continue
            seen_rows.add(hit.id)
            who = went.who(hit.candidate_id)
            assert (who, hit.reason) not in went.visible[hit.alert_id], "visible when it was followed"
            assert (hit.alert_id, who, hit.reason) not in told_of, "announced before"
            told_of.add((hit.alert_id, who, hit.reason))
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(AlertReader)).all() == []
