"""今日すること: what waits for HR, by date, each with whose turn it is, until when, and where to do it.

Each source in `SOURCES` gives some lines, by a number of statements that no number of people changes.
"""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from relay import clock
from relay.access.context import Member
from relay.hiring import interviews, stalled
from relay.hiring.appointments import hours_words
from relay.hiring.interviews import InterviewStanding
from relay.identity import installation
from relay.identity.roles import may
from relay.insight import alerts
from relay.network import licences, partners
from relay.outreach import mailings, pending_results, rescout_lists
from relay.portal.home.todo import Source, Todo
from relay.portal.ui.labels import long_day
from relay.rights import request_register, retention
from relay.trust import incidents

DAYS_AHEAD = 30
MAX_LINES = 7
"""So many lines are read at a glance; the others stand behind one."""


def todos(session: Session, person: Member) -> list[Todo]:
    """Return what waits in this person's company, the earliest day first; nothing where nothing waits."""
    mine = [source for source in SOURCES if may(person.role, source.permission)]
    return sorted((todo for source in mine for todo in source.lines(session, person)), key=lambda todo: todo.day)


def _results(session: Session, _person: Member) -> list[Todo]:
    found = []
    if waiting := pending_results.count(session):
        note = _("見送りを決めて、まだ連絡していない方です。応募ごとに数えています")
        words = (_("結果をまだ伝えていない方"), note, url_for("portal.results"), "mail", _("結果を伝える"))
        found.append(Todo(clock.today(), *_capped(waiting, pending_results.COUNT_CAP), *words))
    if undelivered := mailings.failed_count(session):
        note = _("宛先を確認するか、電話など別の方法で伝えてください")
        words = (_("届いていない結果連絡"), note, url_for("portal.results_failed"), "mail-x", _("確認する"))
        found.append(Todo(clock.today(), str(undelivered), _("通"), *words))
    return found


def _interviews(session: Session, _person: Member) -> list[Todo]:
    """Return today's interviews, and those for which the company has to offer new times."""
    today, found = clock.today(), []
    if met := interviews.of_day(session, clock.start_of_day(today), clock.end_of_day(today)):
        to_come = [each for each in met if not each.is_past]
        first = (to_come or met)[0]
        hours = hours_words(first.starts_at, first.minutes) if first.starts_at else ""
        note = _("%(hours)s %(name)sさん（%(position)s）", hours=hours, name=first.name, position=first.position)
        note = _("次は%(note)s", note=note) if to_come else _("今日の面談は終わりました。結果や段階を記録してください")
        link = url_for("portal.application_interview", application_id=first.application_id)
        found.append(
            Todo(today, *_at_most(met, _("件")), _("今日の面談"), note, link, "calendar-clock", _("面談を見る"))
        )
    if waiting := interviews.needing_times(session):
        first = waiting[0]
        note = _("%(name)sさん（%(position)s）", name=first.name, position=first.position)
        note = note if len(waiting) == 1 else _("%(note)sほか", note=note)
        note += "。" + _("追加すると、メールでお知らせします")
        link = url_for("portal.position_times", position_id=first.position_id)
        words = (_("面談の新しい候補日時をお待ちの方"), note, link, "calendar-clock", _("候補日時を追加する"))
        found.append(Todo(today, *_at_most(waiting, _("名")), *words))
    return found


def _at_most(found: list[InterviewStanding], unit: str) -> tuple[str, str]:
    """Return how many were found and the unit; where looking stopped, that there may be more."""
    return str(len(found)), unit if len(found) < interviews.COUNT_CAP else _("%(n)s以上", n=unit)


def _wanting_to_talk(session: Session, _person: Member) -> list[Todo]:
    """Return the people who answered 再スカウト with a yes, by the day on which the first is to be replied to."""
    count, since = rescout_lists.waiting_answers(session)
    if since is None:
        return []
    day = (since + rescout_lists.REPLY_WITHIN).astimezone(clock.JAPAN).date()
    note = _("次は自社の番です。いちばん早い方に、%(day)sまでに連絡し、次の段階を記録してください", day=long_day(day))
    there = url_for("portal.applications", end="open")
    words = (_("再スカウトに「話を聞きたい」と返事のあった方"), note, there, "user-plus", _("応募を見る"))
    return [Todo(day, f"{count:,}", _("名"), *words)]


def _placed(session: Session, _person: Member) -> list[Todo]:
    """Return who answered 再スカウト with the news of a place found, for a week."""
    return [
        Todo(
            each.until,
            "1",
            _("名"),
            _("%(name)sさんから、お仕事が決まったと返事がありました", name=each.name),
            (_("「%(line)s」", line=each.line) if each.line else "")
            + _("対応は要りません。%(day)sまで表示します", day=long_day(each.until)),
            url_for("portal.record", candidate_id=each.candidate_id),
            "check",
            _("記録を見る"),
        )
        for each in rescout_lists.placed_news(session)
    ]


def _alerts(session: Session, person: Member) -> list[Todo]:
    """Return the people whom this member's alerts found and who were not looked at yet."""
    unseen = alerts.unseen(session, person.user_id)
    if not unseen:
        return []
    note = _("お知らせを始めた条件と求人に、新しく合うようになった方です")
    words = (_("新しく合う方"), note, url_for("portal.alerts_index"), "users", _("お知らせを見る"))
    number = f"{min(unseen, alerts.COUNT_CAP):,}"
    unit = _("名") if unseen <= alerts.COUNT_CAP else _("%(n)s以上", n=_("名"))
    return [Todo(clock.today(), number, unit, *words)]


def _stalled(session: Session, _person: Member) -> list[Todo]:
    """Return the selections that rest, by the day on which the first should have gone on."""
    found = stalled.stalled(session)
    if found.since is None:
        return []
    since = found.since.astimezone(clock.JAPAN).date()
    note = _(
        "段階も結果も%(days)s日以上記録されていません。いちばん長い応募は、%(day)sから動きがありません",
        days=stalled.AFTER.days,
        day=long_day(since),
    )
    words = (_("動きのない選考"), note, url_for("portal.applications_stalled"), "calendar-clock", _("一覧を見る"))
    number, unit = _capped(found.number, stalled.COUNT_CAP)
    return [Todo(since + stalled.AFTER, number, unit, *words)]


def _capped(count: int, most: int) -> tuple[str, str]:
    """Return a number of applications and its unit; where counting stopped, the most that was counted."""
    return f"{min(count, most):,}", _("件") if count <= most else _("%(n)s以上", n=_("件"))


def _leaving(session: Session, _person: Member) -> list[Todo]:
    leaving = retention.next_run(session, days=DAYS_AHEAD, limit=1)
    if not leaving.count:
        return []
    last_day = leaving.page.rows[0].last_day
    note = _(
        "いちばん早い方は%(day)sまで。期限を過ぎると自動で消去します。先に、続けるかどうかを一度だけうかがえます",
        day=long_day(last_day),
    )
    if leaving.unfinished:
        note += "。" + _(
            "うち%(count)s名は、選考の結果が記録されていません。選考が続いていれば、次の段階か結果を記録してください",
            count=f"{leaving.unfinished:,}",
        )
    words = (_("まもなく保管期限を迎える方"), note, url_for("portal.leaving"), "calendar-clock", _("一覧を見る"))
    return [Todo(last_day, f"{leaving.count:,}", _("名"), *words)]


def _incidents(session: Session, _person: Member) -> list[Todo]:
    """Incidents that are open, by the day on which the earliest would have to be reported (A-37)."""
    count, first = incidents.still_open(session)
    if first is None:
        return []
    note = _("個人情報の漏えいとして報告が要るときは、速報がいちばん早いもので%(day)sまでです", day=long_day(first))
    words = (_("対応中の事故の記録"), note, url_for("portal.settings_incidents"), "clipboard-check", _("確認する"))
    return [Todo(first, str(count), _("件"), *words)]


def _requests(session: Session, _person: Member) -> list[Todo]:
    """Return the requests of people about their own data, by the day of the first answer (A-30)."""
    count, first = request_register.still_open(session)
    if first is None:
        return []
    if first < clock.today():
        note = _("回答の期限（%(day)s）を過ぎたものがあります。すぐに回答してください", day=long_day(first))
    else:
        note = _("いちばん早いものは%(day)sまでに回答します", day=long_day(first))
    words = (_("個人情報についての請求"), note, url_for("portal.requests"), "inbox", _("回答する"))
    return [Todo(first, str(count), _("件"), *words)]


def _unchecked(session: Session, _person: Member) -> list[Todo]:
    """Partners that have registered and wait to be looked up (B-11)."""
    waiting = partners.unchecked_count(session)
    if not waiting:
        return []
    note = _("登録を終え、確認を待っています。確認を記録すると、候補者に案内されます")
    words = (_("確認を待っている提携先"), note, url_for("portal.settings_partners"), "handshake", _("確認する"))
    return [Todo(clock.today(), str(waiting), _("社"), *words)]


def _licences(session: Session, person: Member) -> list[Todo]:
    """Licences that run out soon or have run out (B-12)."""
    return [
        Todo(
            each.until,
            str(max(each.days_left, 0)),
            _("日"),
            _("%(name)sの許可の有効期限", name=each.name),
            _licence_note(each.days_left, long_day(each.until)),
            url_for("portal.settings_partners"),
            "handshake",
            _("提携先を見る"),
        )
        for each in licences.ending(session, person.company_id)
    ]


def _licence_note(days_left: int, until: str) -> str:
    if days_left < 0:
        return _("期限（%(day)s）を過ぎたため、候補者への表示と提供を止めています。更新を確認してください", day=until)
    return ngettext(
        "期限は%(day)sです。過ぎると、候補者への表示と提供が自動で止まります",
        "期限は%(day)sです。過ぎると、候補者への表示と提供が自動で止まります",
        days_left,
        day=until,
    )


def _operator(session: Session, person: Member) -> list[Todo]:
    """Return what the law asks of the operator of the installation, where this company is it (0.4)."""
    return [
        Todo(
            each.due,
            str(each.days_left),
            _("日"),
            each.title,
            each.note,
            url_for("portal.settings_operator"),
            "file-text",
            _("運営者の設定"),
        )
        for each in installation.reminders(session, person.company_id)
    ]


SOURCES = (
    Source("home:read", _results),
    Source("home:read", _interviews),
    Source("home:read", _wanting_to_talk),
    Source("home:read", _placed),
    Source("home:read", _stalled),
    Source("home:read", _leaving),
    Source("alerts:use", _alerts),
    Source("incidents:write", _incidents),
    Source("requests:write", _requests),
    Source("partners:write", _unchecked),
    Source("partners:write", _licences),
    Source("settings:write", _operator),
)
"""Where the lines come from, each with the permission without which it is not asked."""
