"""Lines of home's one list about selections: interviews, answers to 再スカウト, newcomers who fit, what rests."""

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay import clock
from relay.access.context import Member
from relay.hiring import interviews, stalled, stays
from relay.hiring.appointments import hours_words
from relay.hiring.interviews import InterviewStanding
from relay.insight import alerts
from relay.introductions import lists as introduction_lists
from relay.introductions.promises import ANSWER_WITHIN
from relay.outreach import rescout_lists
from relay.portal.home.todo import Todo, Turn, capped
from relay.portal.ui.labels import long_day


def coming_interviews(session: Session, _person: Member) -> list[Todo]:
    """Return today's interviews in one line, and those of the days to come in another."""
    found = interviews.coming(session)
    today = [each for each in found if each.day == clock.today()]
    later = [each for each in found if each.day != clock.today()]
    return [*_today(today), *_later(later)]


def erased_interviews(session: Session, _person: Member) -> list[Todo]:
    """Return the interviews to which nobody comes, because the record was erased, until their time or a new person."""
    found = interviews.vacated(session)
    if not found:
        return []
    first = found[0]
    when = f"{long_day(first.day)} {hours_words(first.starts_at, first.minutes)}"
    note = _(
        "候補者の記録が消去されたため、%(when)s（%(position)s）の面談は行われません。ほかの方が選べる日時に戻りました。",
        when=when,
        position=first.position or _("求人なし"),
    )
    link = url_for("portal.positions")
    if first.position_id is not None:
        link = url_for("portal.position_times", position_id=first.position_id)
    words = (_("取り消しになった面談"), note, link, "calendar-clock", _("候補日時を見る"))
    return [Todo(first.day, *capped(len(found), interviews.COUNT_CAP, _("件")), *words, turn=Turn.NOBODY)]


def _today(met: list[InterviewStanding]) -> list[Todo]:
    if not met:
        return []
    first = next((each for each in met if not each.is_past), None)
    note = _("今日の面談は終わりました。結果や段階を記録してください。")
    if first is not None:
        note = _("次は%(who)s", who=_said(first))
    words = (_("今日の面談"), note, _link(first or met[0]), "calendar-clock", _("面談を見る"))
    return [Todo(clock.today(), *capped(len(met), interviews.COUNT_CAP, _("件")), *words)]


def _later(ahead: list[InterviewStanding]) -> list[Todo]:
    if not ahead:
        return []
    first = ahead[0]
    note = _("次は%(who)s", who=f"{long_day(first.day)} {_said(first)}")
    words = (_("これからの面談"), note, _link(first), "calendar-clock", _("面談を見る"))
    number, unit = capped(len(ahead), interviews.COUNT_CAP, _("件"))
    return [Todo(first.day, number, unit, *words, turn=Turn.BOTH)]


def _said(one: InterviewStanding) -> str:
    hours = hours_words(one.starts_at, one.minutes) if one.starts_at else ""
    return _("%(hours)s、%(name)sさん（%(position)s）", hours=hours, name=one.name, position=one.position)


def _link(one: InterviewStanding) -> str:
    return url_for("portal.application_interview", application_id=one.application_id)


def introductions_to_record(session: Session, _person: Member) -> list[Todo]:
    """Return the interviews by introduction whose time has come, until HR says whether they were held."""
    found = introduction_lists.to_be_recorded(session)
    if not found:
        return []
    first = found[0]
    note = _("「%(title)s」（%(partner)sの紹介）の面談の時刻が過ぎました", title=first.title, partner=first.partner)
    link = url_for("portal.introduction", introduction_request_id=first.request_id)
    words = (_("面談が行われたかどうかの記録"), note, link, "clipboard-check", _("記録する"))
    return [Todo(clock.today(), *capped(len(found), introduction_lists.COUNT_CAP, _("件")), *words)]


def introductions_without_times(session: Session, _person: Member) -> list[Todo]:
    """Return the requests whose person finds no time to pick, by the day on which the first would end."""
    found = introduction_lists.without_times(session)
    if not found:
        return []
    first = found[0]
    said = {"title": first.title, "partner": first.partner}
    link = url_for("portal.position_times", position_id=first.position_id)
    note = _("「%(title)s」（%(partner)sの紹介）に、選べる候補日時がありません", **said)
    button = _("候補日時を追加する")
    if not first.is_hiring:
        link = url_for("portal.position", position_id=first.position_id)
        note = _("「%(title)s」（%(partner)sの紹介）の募集が止まっています", **said)
        button = _("求人を見る")
    words = (_("紹介された方が日時を選べない求人"), note, link, "calendar-clock", button)
    return [Todo(first.due_on, *capped(len(found), introduction_lists.COUNT_CAP, _("件")), *words)]


def introductions_to_answer(session: Session, _person: Member) -> list[Todo]:
    """Return the nos about interviews by introduction that the company can still answer, by the first last day."""
    found = introduction_lists.to_be_answered(session)
    if not found:
        return []
    first = found[0]
    day = (first.answered_at + ANSWER_WITHIN).astimezone(clock.JAPAN).date()
    note = _(
        "「%(title)s」（%(partner)sの紹介）の面談が約束どおりではなかった、という返事です。説明は任意です。",
        title=first.title,
        partner=first.partner,
    )
    link = url_for("portal.introduction", introduction_request_id=first.request_id)
    words = (_("ご本人の返事への説明"), note, link, "clipboard-check", _("返事を見る"))
    return [Todo(day, *capped(len(found), introduction_lists.COUNT_CAP, _("件")), *words)]


def times_wanted(session: Session, _person: Member) -> list[Todo]:
    """Return the people for whom the company has to offer new times."""
    waiting = interviews.needing_times(session)
    if not waiting:
        return []
    first = waiting[0]
    who = _("%(name)sさん（%(position)s）", name=first.name, position=first.position)
    who = who if len(waiting) == 1 else _("%(who)sほか", who=who)
    link = url_for("portal.position_times", position_id=first.position_id)
    note = _("%(who)s。追加すると、メールでお知らせします。", who=who)
    words = (_("面談の新しい候補日時をお待ちの方"), note, link, "calendar-clock", _("候補日時を追加する"))
    return [Todo(clock.today(), *capped(len(waiting), interviews.COUNT_CAP, _("名")), *words)]


def yes_to_rescouts(session: Session, _person: Member) -> list[Todo]:
    """Return the people who answered 再スカウト with a yes, by the day on which the first is to be replied to."""
    count, since = rescout_lists.waiting_answers(session)
    if since is None:
        return []
    day = (since + rescout_lists.REPLY_WITHIN).astimezone(clock.JAPAN).date()
    note = _("いちばん早い方に、%(day)sまでに連絡し、次の段階を記録してください", day=long_day(day))
    there = url_for("portal.applications", end="open")
    words = (_("再スカウトに「話を聞きたい」と返事のあった方"), note, there, "user-plus", _("応募を見る"))
    return [Todo(day, f"{count:,}", _("名"), *words)]


def news_of_places(session: Session, _person: Member) -> list[Todo]:
    """Return who answered 再スカウト with the news of a place found, for a week."""
    return [
        Todo(
            each.until,
            "1",
            _("名"),
            _("%(name)sさんから、お仕事が決まったと返事がありました", name=each.name),
            (_("「%(line)s」", line=each.line) if each.line else "")
            + _("対応は要りません。%(day)sまで表示します。", day=long_day(each.until)),
            url_for("portal.record", candidate_id=each.candidate_id),
            "check",
            _("記録を見る"),
            turn=Turn.NOBODY,
        )
        for each in rescout_lists.placed_news(session)
    ]


def stalled_selections(session: Session, _person: Member) -> list[Todo]:
    """Return the selections that rest, and since when the first does."""
    found = stalled.stalled(session)
    if found.since is None:
        return []
    since = found.since.astimezone(clock.JAPAN).date()
    note = _(
        "段階も結果も%(days)s日以上記録されていません。いちばん長い応募は、%(day)sから動きがありません。",
        days=stalled.AFTER.days,
        day=long_day(since),
    )
    words = (_("動きのない選考"), note, url_for("portal.applications_stalled"), "calendar-clock", _("一覧を見る"))
    number, unit = capped(found.number, stalled.COUNT_CAP, _("件"))
    return [Todo(clock.today(), number, unit, *words)]


def stays_to_record(session: Session, _person: Member) -> list[Todo]:
    """Return those hired half a year or a year ago of whom HR has not said whether they are still there."""
    found = stays.due(session)
    if found.hired_on is None:
        return []
    note = _("入社から6か月・12か月がたちました。在籍しているかどうかを、ひと押しで記録できます。")
    words = (_("入社した方の在籍の記録"), note, url_for("portal.applications_stays"), "user-round", _("記録する"))
    return [Todo(clock.today(), *capped(found.number, stays.COUNT_CAP, _("名")), *words)]


def newcomers_who_fit(session: Session, person: Member) -> list[Todo]:
    """Return the people whom this member's alerts found and who were not looked at yet."""
    unseen = alerts.unseen(session, person.user_id)
    if not unseen:
        return []
    note = _("お知らせを始めた条件と求人に、新しく合うようになった方です")
    words = (_("新しく合う方"), note, url_for("portal.alerts_index"), "users", _("お知らせを見る"))
    return [Todo(clock.today(), *capped(unseen, alerts.COUNT_CAP, _("名")), *words, turn=Turn.NOBODY)]
