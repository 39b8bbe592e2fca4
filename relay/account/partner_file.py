"""People in a file: chosen in the partners' portal, posted here, proven again, recorded as provision (B-14).

An agency gets the columns of its 求職管理簿 (職業安定法32条の15), those that Relay does not know left empty for it to
fill in; a school gets the columns that Relay knows.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from flask import Response, flash, redirect, request
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import agent
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.account import my_account
from relay.account.partner_joining import own_partner
from relay.account.shared_people import back_to
from relay.errors import DomainError
from relay.extensions import db
from relay.models import PartnerKind
from relay.network import handing_over
from relay.network.handing_over import TakenAlong
from relay.network.sharing import SharedPerson
from relay.text import format_phone
from relay.text.spreadsheet import csv_utf8, workbook
from relay.web import page

_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class FileFormat(StrEnum):
    """The files a partner may take."""

    CSV = "csv"
    XLSX = "xlsx"


_REST = (
    _l("照会番号"), _l("メールアドレス"), _l("電話番号"), _l("希望勤務地"), _l("これまでの経験"), _l("登録日"),
    _l("期限"), _l("案内を送った企業"), _l("内容の時点"),
)  # fmt: skip
_OF_SCHOOLS = (_l("氏名"), _l("フリガナ"), _l("希望職種"), *_REST)
_BY_THE_AGENCY = (
    _l("求人者の氏名または名称"), _l("求人を紹介した日"), _l("採否"), _l("採用年月日"),
    _l("無期雇用かどうか"), _l("転職勧奨が禁止される期間"), _l("無期雇用就職者の離職状況"),
)  # fmt: skip
"""職業紹介の取扱状況, which an agency fills in."""
_REGISTER = (
    _l("求職者の氏名"), _l("フリガナ"), _l("住所"), _l("生年月日"), _l("希望職種"), _l("求職受付年月日"),
    _l("求職の有効期間"), *_BY_THE_AGENCY, *_REST,
)  # fmt: skip
"""What the ministry's 業務運営要領 asks of the register, in its order; then what Relay knows besides."""


@my_account.post("/people/file")
@needs("people:export")
@fresh
def partner_file() -> AnyResponse:
    """Send the file; where people are not shown any more, name them by reference and offer it without them."""
    session, asker, kind = db.session(), agent(), request.form.get("format", "")
    reason = request.form.get("reason", "")
    if kind not in list(FileFormat):
        return _refused(_("ファイルの形（ExcelかCSV）を選んでください。まだ書き出していません。"))
    try:
        chosen = handing_over.take_out(
            session, asker.partner_id, request.form.getlist("code"), asker.user_id, reason=reason
        )
    except DomainError as refused:
        session.rollback()
        return _refused(str(refused))
    if chosen.left_out:
        session.rollback()
        return _without(chosen, kind, reason)
    register = own_partner().kind is PartnerKind.AGENCY
    session.commit()
    return _file(chosen.people, FileFormat(kind), register=register)


def _file(people: Sequence[SharedPerson], kind: FileFormat, *, register: bool) -> Response:
    heading, cells = (_REGISTER, _register_cells) if register else (_OF_SCHOOLS, _cells)
    rows = [[str(word) for word in heading], *map(cells, people)]
    if kind is FileFormat.CSV:
        content = b"".join(csv_utf8(rows))
    else:
        with workbook(rows) as book:
            content = book.read()
    response = Response(content, mimetype=_TYPES[kind.value])
    moment: datetime = clock.now().astimezone(clock.JAPAN)
    name = f"relay-people-{moment:%Y%m%d-%H%M}.{kind.value}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _register_cells(person: SharedPerson) -> list[str]:
    since, until = _day(person.since), _day(person.until)
    term = _("%(since)sから%(until)sまで", since=since, until=until)
    unknown = [""] * len(_BY_THE_AGENCY)
    return [person.name, person.kana, "", "", person.desired_role, since, term, *unknown, *_rest(person)]


def _cells(person: SharedPerson) -> list[str]:
    return [person.name, person.kana, person.desired_role, *_rest(person)]


def _rest(person: SharedPerson) -> list[str]:
    return [
        person.code,
        person.email,
        format_phone(person.phone),
        person.place,
        person.experience,
        _day(person.since),
        _day(person.until),
        _("、").join(source.name for source in person.sources),
        _date(person.as_of),
    ]


def _day(moment: datetime) -> str:
    return _date(moment.astimezone(clock.JAPAN).date())


def _date(day: date) -> str:
    return format_date(day, "yyyy/MM/dd")


def _refused(sentence: str) -> AnyResponse:
    flash(sentence, "warning")
    return redirect(back_to(), 303)


def _without(chosen: TakenAlong, kind: str, reason: str) -> Response:
    return page(
        "account/people_left_out.html",
        status=409,
        people=[person.code for person in chosen.people],
        left_out=chosen.left_out,
        format=kind,
        reason=reason,
        back=back_to(),
    )
