"""今日すること: what waits for HR, by date, each with whose turn it is, until when, and where to do it.

Each source in `SOURCES` gives some lines, by a number of statements that no number of people changes; most have none on
most days, which one statement says of all of them.
"""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from relay import clock
from relay.access.context import Member
from relay.hiring import interviews
from relay.identity import installation
from relay.identity.roles import may
from relay.insight import alerts
from relay.introductions import lists as introduction_lists
from relay.models.prepared import have_rows
from relay.network import licences, partners, partnerships
from relay.outreach import mailings, pending_results, rescout_lists
from relay.portal.home import selection_todos, upkeep_todos
from relay.portal.home.todo import Source, Todo, capped
from relay.portal.ui.labels import long_day
from relay.rights import request_register, retention
from relay.trust import incidents

DAYS_AHEAD = 30
MAX_LINES = 7
"""So many lines are read at a glance; the others stand behind one."""


def todos(session: Session, person: Member) -> list[Todo]:
    """Return what waits in this person's company, the earliest day first; nothing where nothing waits."""
    mine = [source for source in SOURCES if may(person.role, source.permission)]
    rows = [source.rows for source in mine if source.rows is not None]
    have = dict(zip(rows, have_rows(session, rows, reader=person.user_id, company=person.company_id), strict=True))
    asked = [source for source in mine if source.rows is None or have[source.rows]]
    return sorted((todo for source in asked for todo in source.lines(session, person)), key=lambda todo: todo.day)


def _results(session: Session, _person: Member) -> list[Todo]:
    found = []
    if waiting := pending_results.count(session):
        note = _("見送りを決めて、まだ連絡していない方です。応募ごとに数えています。")
        words = (_("結果をまだ伝えていない方"), note, url_for("portal.results"), "mail", _("結果を伝える"))
        found.append(Todo(clock.today(), *capped(waiting, pending_results.COUNT_CAP, _("件")), *words))
    if undelivered := mailings.failed_count(session):
        note = _("宛先を確認するか、電話など別の方法で伝えてください")
        words = (_("届いていない結果連絡"), note, url_for("portal.results_failed"), "mail-x", _("確認する"))
        found.append(Todo(clock.today(), str(undelivered), _("通"), *words))
    return found


def _leaving(session: Session, _person: Member) -> list[Todo]:
    leaving = retention.leaving_soon(session, days=DAYS_AHEAD)
    if (last_day := leaving.first) is None:
        return []
    note = _(
        "いちばん早い方は%(day)sまで。期限を過ぎると自動で消去します。先に、続けるかどうかを一度だけうかがえます。",
        day=long_day(last_day),
    )
    if leaving.unfinished:
        note += "。" + _(
            "うち%(count)sは、選考の結果が記録されていません。選考が続いていれば、次の段階か結果を記録してください。",
            count="".join(capped(leaving.unfinished, retention.COUNT_CAP, _("名"))),
        )
    words = (_("まもなく保管期限を迎える方"), note, url_for("portal.leaving"), "calendar-clock", _("一覧を見る"))
    return [Todo(last_day, *capped(leaving.count, retention.COUNT_CAP, _("名")), *words)]


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
        note = _("回答の期限（%(day)s）を過ぎたものがあります。すぐに回答してください。", day=long_day(first))
    else:
        note = _("いちばん早いものは%(day)sまでに回答します", day=long_day(first))
    words = (_("個人情報についての請求"), note, url_for("portal.requests"), "inbox", _("回答する"))
    return [Todo(first, str(count), _("件"), *words)]


def _unchecked(session: Session, _person: Member) -> list[Todo]:
    """Partners that have registered and wait to be looked up (B-11)."""
    waiting = partners.unchecked_count(session)
    if not waiting:
        return []
    note = _("登録を終え、確認を待っています。確認を記録すると、候補者に案内されます。")
    words = (_("確認を待っている提携先"), note, url_for("portal.settings_partners"), "handshake", _("確認する"))
    return [Todo(clock.today(), str(waiting), _("社"), *words)]


def _look_ups_again(session: Session, _person: Member) -> list[Todo]:
    """Partners that renewed their licence or changed, by the first day after which their people are closed (A-43)."""
    count, first = partners.look_ups_again(session)
    if first is None:
        return []
    note = (
        _(
            "許可の更新や、名称などの変更がありました。%(day)sを過ぎると、確認するまで提供が止まります。",
            day=long_day(first),
        )
        if first >= clock.today()
        else _("許可の更新や、名称などの変更がありました。確認するまで、提供が止まっています。")
    )
    words = (_("もう一度確認する提携先"), note, url_for("portal.settings_partners"), "handshake", _("確認する"))
    return [Todo(first, str(count), _("社"), *words)]


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
        return _("期限（%(day)s）を過ぎたため、候補者への表示と提供を止めています。更新を確認してください。", day=until)
    return ngettext(
        "期限は%(day)sです。過ぎると、候補者への表示と提供が自動で止まります。",
        "期限は%(day)sです。過ぎると、候補者への表示と提供が自動で止まります。",
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
    Source("home:read", selection_todos.coming_interviews, interviews.coming_rows()),
    Source("home:read", selection_todos.erased_interviews, interviews.vacated_rows()),
    Source("home:read", selection_todos.times_wanted, interviews.needing_times_rows()),
    Source("introductions:write", selection_todos.introductions_to_record, introduction_lists.to_be_recorded_rows()),
    Source("introductions:write", selection_todos.introductions_without_times, introduction_lists.without_times_rows()),
    Source("introductions:write", selection_todos.introductions_to_answer, introduction_lists.to_be_answered_rows()),
    Source("home:read", selection_todos.yes_to_rescouts, rescout_lists.WAITING_ROWS),
    Source("home:read", selection_todos.news_of_places, rescout_lists.PLACED_ROWS),
    Source("home:read", selection_todos.stalled_selections),
    Source("pool:write", selection_todos.stays_to_record),
    Source("home:read", _leaving),
    Source("alerts:use", selection_todos.newcomers_who_fit, alerts.unseen_rows()),
    Source("incidents:write", _incidents, incidents.OPEN_ROWS),
    Source("requests:write", _requests, request_register.OPEN_ROWS),
    Source("partners:write", _unchecked, partnerships.NEVER_CHECKED_ROWS),
    Source("partners:write", _look_ups_again, partnerships.CHECK_AGAIN_ROWS),
    Source("partners:write", _licences, licences.ENDING_ROWS),
    Source("settings:write", _operator, installation.RUNS_IT_ROWS),
    Source("pool:write", upkeep_todos.possible_duplicates),
    Source("pool:write", upkeep_todos.missing_facts),
)
"""Where the lines come from, each with the permission without which it is not asked."""
