"""Costs of hiring as they are typed: twelve months at a glance, and a form for each month and for each hire's fee."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from dateutil.relativedelta import relativedelta
from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.getters import application_or_404, candidate_or_404
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.forms.stale import StaleValue, marks, staleness
from relay.identity.roles import may
from relay.insight.costs import months
from relay.insight.costs.file_words import CellProblem, read_month, read_yen
from relay.models import Application, ApplicationResult, Cost, CostKind
from relay.portal import portal
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.text import Sentence, clean
from relay.web import done, page

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
NEW_LINES = 3
"""So many more costs may be typed at once below those of a month."""
_SAVE = _l("保存する")
Line = tuple[CostKind, str]


# twelve months


@dataclass(frozen=True)
class CostRow:
    """A kind and channel over twelve months, as the table shows it; None where nothing is known."""

    kind: CostKind
    channel: str
    yen: Sequence[int | None]

    @property
    def total(self) -> int:
        """Return the yen of all its months."""
        return sum(each or 0 for each in self.yen)


@portal.get("/insights/costs")
@needs("insights:read")
@tab(8, _l("費用"))
def insights_costs() -> Response:
    """Show what each of twelve months cost, by kind and channel; those up to this month unless another is asked for."""
    this = months.month_of(clock.today())
    last = _month_of(request.args.get("until", "")) or this
    shown = [last - relativedelta(months=back) for back in range(months.YEAR - 1, -1, -1)]
    rows = _rows(db.session(), shown)
    earlier, later = last - relativedelta(months=months.YEAR), last + relativedelta(months=months.YEAR)
    return page(
        "portal/insights/costs.html",
        months=shown,
        slug=_slug,
        rows=rows,
        totals=[sum(row.yen[place] or 0 for row in rows) for place in range(len(shown))],
        this=this,
        earlier_url=url_for("portal.insights_costs", until=_slug(earlier)) if earlier >= months.FIRST_MONTH else "",
        later_url=url_for("portal.insights_costs", until=_slug(later)) if last < this else "",
        **_shared(),
    )


def _rows(session: Any, shown: Sequence[date]) -> list[CostRow]:
    found: dict[Line, dict[date, int]] = defaultdict(dict)
    for cost in months.by_month(session, shown[0], shown[-1]):
        found[cost.kind, cost.channel][cost.month] = cost.yen
    order = list(CostKind)
    lines = sorted(found, key=lambda line: (order.index(line[0]), line[1]))
    return [CostRow(*line, [found[line].get(month) for month in shown]) for line in lines]


# one month


@dataclass
class TypedLine:
    """A kind and channel of a month's form, with what is typed for it and why that cannot be taken."""

    kind: CostKind
    channel: str
    typed: str = ""
    error: Sentence = ""

    @property
    def name(self) -> str:
        """Return the name of its field, made of its words."""
        return f"yen-{sha256(f'{self.kind.value}:{self.channel}'.encode()).hexdigest()[:16]}"

    @property
    def value(self) -> str:
        """Return the line as the form sends it back."""
        return f"{self.kind.value}:{self.channel}"

    @property
    def label(self) -> Sentence:
        """Return what the sum is for."""
        if not self.channel:
            return self.kind.label
        return f"{self.kind.label}（{self.channel}）"


@dataclass
class NewLine:
    """A cost that is added below the lines of a month."""

    number: int
    kind: str = ""
    channel: str = ""
    typed: str = ""
    errors: dict[str, Sentence] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was typed."""
        return not (self.channel or self.typed)


@dataclass
class MonthForm:
    """The costs of a month, as they are typed."""

    month: date
    lines: list[TypedLine]
    new: list[NewLine]

    @classmethod
    def of(cls, session: Any, month: date, stored: Mapping[Line, int]) -> "MonthForm":
        """Return the form with what is stored of the month, and the lines of the months around it to fill in."""
        used = {(cost.kind, cost.channel) for cost in months.by_month(session, *_around(month))}
        order = list(CostKind)
        lines = sorted(used | stored.keys(), key=lambda line: (order.index(line[0]), line[1]))
        written = [TypedLine(*line, _written(stored.get(line))) for line in lines]
        return cls(month, written, [NewLine(number) for number in range(NEW_LINES)])

    @classmethod
    def sent(cls, session: Any, month: date, stored: Mapping[Line, int]) -> "MonthForm":
        """Return the form as it was sent; a line that came meanwhile is in it as it is stored."""
        form = cls.of(session, month, stored)
        known = {line.value for line in form.lines}
        for value in request.form.getlist("line"):
            kind, _colon, channel = value.partition(":")
            if value not in known and kind in list(CostKind) and len(channel) <= months.MAX_CHANNEL:
                form.lines.append(TypedLine(CostKind(kind), channel))
                known.add(value)
        for line in form.lines:
            line.typed = request.form.get(line.name, line.typed).strip()
        for new in form.new:
            new.kind, new.channel, new.typed = (
                clean(request.form.get(f"new-{what}-{new.number}", "")) for what in ("kind", "channel", "yen")
            )
            new.channel = months.channel_of(new.channel)
        return form

    def read(self) -> dict[Line, int | None]:
        """Return the sums that were typed, None for an empty one; what cannot be taken is said beside it."""
        found: dict[Line, int | None] = {}
        for line in self.lines:
            try:
                found[line.kind, line.channel] = read_yen(line.typed)
            except CellProblem as problem:
                line.error = problem.message
        for new in self.new:
            if not new.is_empty:
                self._read_new(new, found)
        return found

    def _read_new(self, new: NewLine, found: dict[Line, int | None]) -> None:
        if new.kind not in list(CostKind):
            new.errors["kind"] = _("費目を選んでください。")
        if len(new.channel) > months.MAX_CHANNEL:
            new.errors["channel"] = str(months.ChannelTooLong.message)
        try:
            yen = read_yen(new.typed)
        except CellProblem as problem:
            new.errors["yen"] = problem.message
            return
        if yen is None:
            new.errors["yen"] = _("金額を入力してください。かからなかった月は、0と入力します。")
        if new.errors:
            return
        line = (CostKind(new.kind), new.channel)
        if found.get(line) is not None:
            new.errors["yen"] = _("この費目と経路の金額は、すでに上にあります。上の欄で変更してください。")
            return
        found[line] = yen

    @property
    def errors(self) -> list[tuple[str, Sentence, Sentence]]:
        """Return the id of each field that is not right yet, what it is called, and why."""
        lines = [(line.name, line.label, line.error) for line in self.lines if line.error]
        return lines + [
            (f"new-{what}-{new.number}", _("追加する費用（%(n)s）", n=new.number + 1), why)
            for new in self.new
            for what, why in new.errors.items()
        ]


@portal.get("/insights/costs/month")
@needs("insights:read")
def insights_costs_month() -> Response:
    """Show what a month cost, to be typed over: this one unless another is asked for."""
    session, first = db.session(), _month()
    stored = months.typed_of(session, first)
    form = MonthForm.of(session, first, stored)
    return _month_page(form, marks(_as_read(form, stored)))


@portal.post("/insights/costs/month")
@needs("insights:write")
def insights_costs_month_save() -> AnyResponse:
    """Keep what was typed; an empty field removes its sum, and the same form twice changes nothing."""
    session, first, person = db.session(), _month(), member()
    months.hold(session, person.company_id)
    stored = months.typed_of(session, first)
    form = MonthForm.sent(session, first, stored)
    typed = form.read()
    opened = request.form.get("opened", "")
    if form.errors:
        return _month_page(form, opened, status=422)
    names = {TypedLine(*line).name: line for line in typed}
    labels = {name: TypedLine(*line).label for name, line in names.items()}
    now = {name: _written(stored.get(line)) for name, line in names.items()}
    stale = staleness(now, {name: _written(typed[line]) for name, line in names.items()}, labels)
    if stale.unanswered:
        return _month_page(form, opened, status=409, stale=stale.values)
    for name, line in names.items():
        if name not in stale.dropped:
            _keep(session, person.company_id, first, line, typed[line])
    session.commit()
    flash(_("%(month)sの費用を保存しました。", month=_named(first)))
    return done(None, go_to=url_for("portal.insights_costs_month", month=_slug(first)))


def _keep(session: Any, company_id: int, month: date, line: Line, yen: int | None) -> None:
    if yen is None:
        months.remove(session, company_id, month, *line)
    else:
        months.set_cost(session, company_id, month, *line, yen, by_user_id=member().user_id)


def _as_read(form: MonthForm, stored: Mapping[Line, int]) -> dict[str, str]:
    return {line.name: _written(stored.get((line.kind, line.channel))) for line in form.lines}


def _month_page(form: MonthForm, opened: str, *, status: int = 200, stale: Sequence[StaleValue] = ()) -> Response:
    session, month = db.session(), form.month
    before, after = month - relativedelta(months=1), month + relativedelta(months=1)
    here = "portal.insights_costs_month"
    return page(
        "portal/insights/costs_month.html",
        status=status,
        form=form,
        title=_named(month),
        month=_slug(month),
        opened_on=opened,
        stale=stale,
        by_hire=months.fees_of_hires(session, [month]).get(month, 0),
        channels=months.recent_channels(session),
        earlier_url=url_for(here, month=_slug(before)) if before >= months.FIRST_MONTH else "",
        later_url=url_for(here, month=_slug(after)) if after <= _last_month() else "",
        save=_SAVE,
        **_shared(),
    )


# fees of hires


@portal.get("/insights/costs/hires")
@needs("insights:read")
def insights_costs_hires() -> Response:
    """List those who were hired in the last two years, with the fee of each."""
    session, here = db.session(), "portal.insights_costs_hires"
    found = months.hires(session, after=request.args.get("after", ""), before=request.args.get("before", ""))
    return page(
        "portal/insights/costs_hires.html",
        found=found,
        without_hire=months.fees_without_hire(session) if found.at_top else [],
        newer_url=url_for(here, before=found.previous) if found.previous else "",
        older_url=url_for(here, after=found.next) if found.next else "",
        **_shared(),
    )


@dataclass
class FeeForm:
    """The fee of one hire as it is typed, and the month in which it counts."""

    yen: str = ""
    month: str = ""
    errors: dict[str, Sentence] = field(default_factory=dict)

    def read(self) -> tuple[int | None, date | None]:
        """Return the sum and its month, None for an empty one; what cannot be taken is said beside it."""
        yen = month = None
        try:
            yen = read_yen(self.yen)
        except CellProblem as problem:
            self.errors["yen"] = problem.message
        try:
            month = read_month(self.month) if self.month else None
        except CellProblem as problem:
            self.errors["month"] = problem.message
        return yen, month


@portal.get("/insights/costs/hires/<int:application_id>")
@needs("insights:read")
def insights_costs_hire(application_id: int) -> Response:
    """Show the fee of one hire, to be typed over."""
    hire = _hire_or_404(application_id)
    stored = _fee_of(hire)
    return _hire_page(hire, FeeForm(stored["yen"], stored["month"]), marks(stored))


@portal.post("/insights/costs/hires/<int:application_id>")
@needs("insights:write")
def insights_costs_hire_save(application_id: int) -> AnyResponse:
    """Keep the fee of one hire; an empty one is removed."""
    session, person = db.session(), member()
    months.hold(session, person.company_id)
    hire = _hire_or_404(application_id)
    form = FeeForm(request.form.get("yen", "").strip(), request.form.get("month", "").strip())
    yen, month = form.read()
    opened = request.form.get("opened", "")
    if form.errors:
        return _hire_page(hire, form, opened, status=422)
    stored, typed = _fee_of(hire), {"yen": _written(yen), "month": _named(month) if month else ""}
    stale = staleness(stored, typed, {"yen": _l("紹介手数料"), "month": _l("計上する月")})
    if stale.unanswered:
        return _hire_page(hire, form, opened, status=409, stale=stale.values)
    final = typed | {name: stored[name] for name in stale.dropped}
    yen, month = FeeForm(final["yen"], final["month"]).read()
    try:
        months.hire_fee(session, person.company_id, hire.id, yen, month=month, by_user_id=person.user_id)
    except DomainError as refused:
        session.rollback()
        form.errors["month" if isinstance(refused, months.MonthOutOfReach) else "yen"] = str(refused)
        return _hire_page(_hire_or_404(application_id), form, opened, status=422)
    session.commit()
    flash(_("紹介手数料を保存しました。"))
    return done(None, go_to=url_for("portal.insights_costs_hires"))


def _hire_or_404(application_id: int) -> Application:
    """Return an application that ended with a hire, or of which a fee is kept; else 404."""
    found = application_or_404(application_id)
    if found.status is not ApplicationResult.HIRED and _cost_of(found) is None:
        abort(404)
    return found


_COST = select(Cost).where(Cost.application_id == bindparam("hire"))


def _cost_of(hire: Application) -> Cost | None:
    return db.session.scalars(_COST, {"hire": hire.id}).one_or_none()


def _fee_of(hire: Application) -> dict[str, str]:
    """Return the fee as it is stored, as people read it."""
    cost = _cost_of(hire)
    month = cost.month if cost is not None else hire.decided_on
    return {"yen": _written(cost.yen if cost is not None else None), "month": _named(month) if month else ""}


def _hire_page(
    hire: Application, form: FeeForm, opened: str, *, status: int = 200, stale: Sequence[StaleValue] = ()
) -> Response:
    return page(
        "portal/insights/costs_hire.html",
        status=status,
        hire=hire,
        person=candidate_or_404(hire.candidate_id),
        form=form,
        opened_on=opened,
        stale=stale,
        save=_SAVE,
        **_shared(),
    )


# words


def _shared() -> dict[str, Any]:
    return {**words(), "kinds": list(CostKind), "may_write": may(member().role, "insights:write"), "named": _named}


def _written(yen: int | None) -> str:
    return "" if yen is None else f"{yen:,}"


def _named(month: date) -> str:
    return _("%(year)s年%(month)s月", year=month.year, month=month.month)


def _slug(month: date) -> str:
    return f"{month:%Y-%m}"


def _last_month() -> date:
    return months.month_of(clock.today()) + months.AHEAD


def _around(month: date) -> Iterator[date]:
    yield month - relativedelta(months=months.YEAR)
    yield month


def _month_of(slug: str) -> date | None:
    """Return the first day of a month of an address, None where no cost can be of it."""
    found = _MONTH.fullmatch(slug)
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < months.FIRST_MONTH.year:
        return None
    first = date(int(found[1]), int(found[2]), 1)
    return first if first <= _last_month() else None


def _month() -> date:
    """Return the month of the address; else 404."""
    return _month_of(request.args.get("month", _slug(clock.today()))) or abort(404)
