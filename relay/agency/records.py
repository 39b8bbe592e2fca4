"""The partner's register of what it received (APPI 30条; A-17): by reference, without names, as list and file.

It says which colleague opened whom, and with which API key a program read: a lead is told of everybody, an agent of
their own openings.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import Response, request, stream_with_context, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from relay import clock
from relay.access.context import agent, signed_in
from relay.access.permissions import needs
from relay.agency import agency
from relay.extensions import begin_reading, db
from relay.identity.roles import may
from relay.models import ApiKey, ProvisionKind, User, scopes
from relay.models.prepared import Prepared
from relay.network import consent_texts, profiles
from relay.text.spreadsheet import csv_utf8
from relay.tokens import parse_code
from relay.trust import provision_registers, provisions
from relay.trust.provision_registers import ReceivedProvision
from relay.web import page

KIND_WORDS = {
    ProvisionKind.MADE_AVAILABLE: _l("閲覧できるようになりました"),
    ProvisionKind.VIEWED: _l("開きました"),
    ProvisionKind.EXPORTED: _l("ファイルに書き出しました"),
    ProvisionKind.READ_BY_API: _l("システムが読み取りました"),
}
HOW_OBTAINED = _l("ご本人が登録のページに記入し、提供に同意")


class ShownLine(NamedTuple):
    """A line in words; the template takes it apart by place (agency/records.html)."""

    at: str
    moment: str
    what: str
    """What happened, and by whom where the reader is told."""
    code: str
    consented: str
    items: str
    provider: str
    provider_sub: str


@agency.get("/records")
@needs("people:read")
def records() -> Response:
    """Show the register, newest first; one person's, or what one colleague or key read, where that is asked for."""
    q = request.args.get("q", "").strip()[:100]
    code = parse_code(q) or q
    readers = _readers()
    asked = request.args.get("who", "")
    who = next((each for each in readers if each.value == asked), None)
    found = provision_registers.received(
        db.session(),
        code=code,
        **({} if who is None else {who.column: who.id}),
        after=request.args.get("after", ""),
        before=request.args.get("before", ""),
    )
    return page(
        "agency/records.html",
        found=found,
        rows=_shown(found.rows, {(each.column, each.id): each.name for each in readers}),
        q=q,
        who=who,
        readers=readers,
        years=provisions.TERM.years,
        newer_url=_url(q, who, before=found.previous) if found.previous else "",
        older_url=_url(q, who, after=found.next) if found.next else "",
    )


def _shown(lines: Sequence[ReceivedProvision], names: Mapping[tuple[str, int | None], str]) -> list[ShownLine]:
    """Return the lines in words; what many of them say is worded once, days are plain figures."""
    kinds = {kind: str(words) for kind, words in KIND_WORDS.items()}
    comma, point, consented = _("、"), _("・"), _("%(day)sに同意")
    items = {each: comma.join(profiles.item_labels(each)) for each in {line.items for line in lines}}
    shown = []
    for line in lines:
        at, agreed = line.at.astimezone(clock.JAPAN), line.consented_at.astimezone(clock.JAPAN)
        who = names.get((_USER, line.user_id)) or names.get((_KEY, line.api_key_id))
        provider = line.provider
        shown.append(
            ShownLine(
                line.at.isoformat(),
                f"{at.year}/{at.month}/{at.day} {at.hour}:{at:%M}",
                f"{kinds[line.kind]}{point}{who}" if who else kinds[line.kind],
                line.person_code,
                consented % {"day": f"{agreed.year}/{agreed.month}/{agreed.day}"},
                items[line.items],
                provider.get("name", ""),
                point.join(filter(None, (provider.get("address"), provider.get("representative")))),
            )
        )
    return shown


class Reader(NamedTuple):
    """A colleague or an API key, in whose name people are read."""

    column: str
    id: int
    name: str

    @property
    def value(self) -> str:
        """Return how the address names it: a colleague by the number alone."""
        return str(self.id) if self.column == _USER else f"key-{self.id}"


_USER, _KEY = "user_id", "api_key_id"


def _readers() -> list[Reader]:
    """Return whose openings the reader is told of; keys come last."""
    own = agent()
    if not may(own.role, "organisation:write"):
        return [Reader(_USER, own.user_id, signed_in().name)]
    session = db.session()
    return [*_EVERYBODY.all(session), *_KEYS.all(session)]


_EVERYBODY = Prepared(
    select(User.id, User.name).order_by(User.disabled_at.is_not(None), User.id),
    lambda user_id, name: Reader(_USER, int(user_id), str(name)),
)
_KEYS = Prepared(
    select(ApiKey.id, ApiKey.name).order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc()),
    lambda key_id, name: Reader(_KEY, int(key_id), _("APIキー：%(name)s", name=name)),
)


def _url(q: str, who: Reader | None, **place: str) -> str:
    asked: dict[str, Any] = {"q": q or None, "who": who.value if who else None, **place}
    return url_for(".records", **asked)


@agency.get("/records/file")
@needs("people:read")
def records_file() -> Response:
    """Send the whole register as a file (CSV, UTF-8), read while it leaves."""
    rows = _table(agent().partner_id)
    response = Response(stream_with_context(csv_utf8(rows)), mimetype="text/csv")
    name = f"relay-records-{clock.now().astimezone(clock.JAPAN):%Y%m%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _table(partner_id: int) -> Iterator[Sequence[str]]:
    yield (
        _("日時"), _("種類"), _("照会番号"), _("項目"), _("利用目的"), _("同意の日時"), _("提供元の名称"),
        _("提供元の住所"), _("提供元の代表者"), _("取得の経緯"),
    )  # fmt: skip
    begin_reading()
    with db.session.session_factory() as session, scopes.partner(session, partner_id):
        for each in provision_registers.all_received(session):
            yield _row(each)


def _row(line: ReceivedProvision) -> Sequence[str]:
    return (
        _moment(line.at),
        str(KIND_WORDS[line.kind]),
        line.person_code,
        "、".join(profiles.item_labels(line.items)),
        consent_texts.recorded_purposes(line.recipient),
        _moment(line.consented_at),
        *(line.provider.get(name, "") for name in ("name", "address", "representative")),
        str(HOW_OBTAINED),
    )


def _moment(moment: datetime) -> str:
    return format_datetime(moment, "yyyy/MM/dd HH:mm")
