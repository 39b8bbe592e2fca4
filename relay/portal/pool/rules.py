"""Rules that tag and set the follow-up by themselves (タグの自動設定): made, seen, switched on and off, dropped."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.bulk import tag_rules
from relay.candidates import tags
from relay.candidates.tag_presets import PRESET_RULES
from relay.errors import DomainError
from relay.extensions import db
from relay.forms.stale import marks, staleness
from relay.models import FollowUp, Tag, TagRule
from relay.portal import portal
from relay.portal.pool.search_examples import LASTING_EXAMPLES
from relay.portal.ui import conditions, search_words
from relay.portal.ui.labels import capped, moment
from relay.portal.ui.navigation import tab
from relay.search import candidate_search
from relay.text import Sentence, clean
from relay.web import page


@dataclass(frozen=True)
class TypedRule:
    """A rule as its form holds it."""

    LABELS: ClassVar[dict[str, Sentence]] = {
        "condition": _l("どのような方に"),
        "name": _l("付けるタグ"),
        "follow_up": _l("今後の対応"),
    }

    condition: str = ""
    name: str = ""
    follow_up: str = ""

    @classmethod
    def read(cls) -> "TypedRule":
        """Return what was sent."""
        return cls(**{name: clean(request.form.get(name, "")) for name in cls.LABELS})

    @classmethod
    def of(cls, rule: TagRule, tag: Tag | None) -> "TypedRule":
        """Return a rule as it is stored."""
        return cls(rule.condition, tag.name if tag else "", rule.follow_up.value if rule.follow_up else "")

    @property
    def chosen(self) -> FollowUp | None:
        """Return the follow-up, if one is chosen."""
        return FollowUp(self.follow_up) if self.follow_up in list(FollowUp) else None

    def tag(self) -> Tag | None:
        """Return the tag of this name, made where there is none yet. Raises as `tags.find_or_make` does."""
        return tags.find_or_make(db.session(), self.name) if self.name else None

    def texts(self) -> dict[str, str]:
        """Return the values as people read them."""
        said = str(self.chosen.label) if self.chosen else ""
        return {"condition": self.condition, "name": self.name, "follow_up": said}


@portal.get("/pool/rules")
@needs("pool:read")
@tab(4, _l("タグの自動設定"))
def rules() -> AnyResponse:
    """Show all of them, those switched on first, and some that are ready."""
    return _rules()


@portal.get("/pool/rules/new")
@needs("rules:write")
def rule_new() -> AnyResponse:
    """Show the form of a new rule, with the conditions of a search in it where one leads here."""
    query = conditions.top(conditions.read(request.args))
    offered = conditions.choices(db.session(), query)
    return _form(TypedRule(search_words.as_text(query, offered.tags, offered.positions)))


@portal.get("/pool/rules/fitting")
@needs("rules:write")
def rule_fitting() -> AnyResponse:
    """Return how many fit the condition being typed, as the line below it."""
    return page("portal/pool/_rule_fitting.html", fitting=_fitting(request.args.get("condition", "")), **_counting())


@portal.post("/pool/rules")
@needs("rules:write")
def rule_create() -> AnyResponse:
    """Create a rule and start it, or leave it switched off; with `check` only say whom it would mean."""
    session, person, typed = db.session(), member(), TypedRule.read()
    if "check" in request.form:
        return _form(typed)
    try:
        rule = tag_rules.create(
            session,
            person.company_id,
            condition=typed.condition,
            tag=typed.tag(),
            follow_up=typed.chosen,
            by_user_id=person.user_id,
        )
    except DomainError as refused:
        session.rollback()
        return _form(typed, status=422, refused=str(refused))
    if "start" in request.form:
        return _started(rule)
    session.commit()
    return redirect(url_for("portal.rule", rule_id=rule.id), 303)


@portal.get("/pool/rules/<int:rule_id>/edit")
@needs("rules:write")
def rule_edit(rule_id: int) -> AnyResponse:
    """Show the form of a rule that is there."""
    rule, tag = _rule_or_404(rule_id)
    return _form(TypedRule.of(rule, tag), rule=rule, tag=tag)


@portal.post("/pool/rules/<int:rule_id>/edit")
@needs("rules:write")
def rule_change(rule_id: int) -> AnyResponse:
    """Change a rule, which stops it until it is looked at; with `check` only say whom it would mean."""
    session, typed = db.session(), TypedRule.read()
    rule, tag = _rule_or_404(rule_id)
    if "check" in request.form:
        return _form(typed, rule=rule, tag=tag)
    stale = staleness(TypedRule.of(rule, tag).texts(), typed.texts(), TypedRule.LABELS)
    if stale.unanswered:
        return _form(typed, rule=rule, tag=tag, status=409, stale=stale.values)
    wanted = replace(typed, **{name: getattr(TypedRule.of(rule, tag), name) for name in stale.dropped})
    try:
        tag_rules.change(session, rule, condition=wanted.condition, tag=wanted.tag(), follow_up=wanted.chosen)
    except DomainError as refused:
        session.rollback()
        rule, tag = _rule_or_404(rule_id)
        return _form(typed, rule=rule, tag=tag, status=422, refused=str(refused))
    session.commit()
    flash(_("ルールを変更し、停止しました。人数を確認してから、開始してください。付いているタグはそのままです。"))
    return redirect(url_for("portal.rule", rule_id=rule.id), 303)


@portal.get("/pool/rules/<int:rule_id>")
@needs("rules:write")
def rule(rule_id: int) -> AnyResponse:
    """Show one rule with how many it would touch, before it is switched on."""
    rule, tag = _rule_or_404(rule_id)
    return page(
        "portal/pool/rule.html",
        rule=rule,
        tag=tag,
        matches=tag_rules.matches(db.session(), rule),
        follow_up_words=FollowUp.labels(),
        capped=capped,
        most=candidate_search.COUNTED_AT_ONCE,
        moment=moment,
    )


@portal.post("/pool/rules/<int:rule_id>/on")
@needs("rules:write")
def rule_on(rule_id: int) -> AnyResponse:
    """Switch it on: once for everybody who fits, then for each person who comes to fit."""
    rule, _tag = _rule_or_404(rule_id)
    return _started(rule)


@portal.post("/pool/rules/<int:rule_id>/off")
@needs("rules:write")
def rule_off(rule_id: int) -> AnyResponse:
    """Switch it off; what it did stays."""
    rule, _tag = _rule_or_404(rule_id)
    tag_rules.switch_off(db.session(), rule)
    db.session.commit()
    flash(_("ルールを停止しました。付いているタグと今後の対応はそのままです。"))
    return redirect(url_for("portal.rules"), 303)


@portal.post("/pool/rules/<int:rule_id>/removal")
@needs("rules:write")
def rule_remove(rule_id: int) -> AnyResponse:
    """Remove the rule; what it did stays."""
    rule, _tag = _rule_or_404(rule_id)
    tag_rules.delete_rule(db.session(), rule)
    db.session.commit()
    flash(_("ルールを削除しました。付いているタグと今後の対応はそのままです。"))
    return redirect(url_for("portal.rules"), 303)


def _started(rule: TagRule) -> AnyResponse:
    done = tag_rules.switch_on(db.session(), rule, by_user_id=member().user_id)
    db.session.commit()
    if done.running:
        flash(_("ルールを開始しました。人数が多いため、順に進めています。"))
        return redirect(url_for("portal.activity"), 303)
    told = _("ルールを開始し、いま当てはまる%(n)s名に適用しました。", n=f"{done.people:,}")
    flash(told, f"undo:{done.entry_id}" if done.entry_id else "message")
    return redirect(url_for("portal.rules"), 303)


def _rules() -> AnyResponse:
    found = tag_rules.listed(db.session())
    there = {rule.condition for rule, _tag in found}
    return page(
        "portal/pool/rules.html",
        rules=found,
        presets=[preset for preset in PRESET_RULES if str(preset.condition) not in there],
        follow_up_words=FollowUp.labels(),
    )


def _form(
    typed: TypedRule,
    *,
    rule: TagRule | None = None,
    tag: Tag | None = None,
    status: int = 200,
    refused: str = "",
    **extra: Any,
) -> AnyResponse:
    return page(
        "portal/pool/rule_form.html",
        status=status,
        typed=typed,
        rule=rule,
        refused=refused,
        fitting=None if refused else _fitting(typed.condition),
        opened_on=request.form.get("opened") or (marks(TypedRule.of(rule, tag).texts()) if rule else ""),
        follow_up_words=FollowUp.labels(),
        search_examples=LASTING_EXAMPLES,
        **_counting(),
        **extra,
    )


def _fitting(condition: str) -> tag_rules.Matches | str | None:
    """Return who fits, or the sentence why the condition can be none of a rule; None where nothing is typed yet."""
    if not condition.strip():
        return None
    try:
        return tag_rules.fitting(db.session(), member().company_id, condition)
    except DomainError as refused:
        return str(refused)


def _counting() -> dict[str, Any]:
    return {"capped": capped, "most": candidate_search.COUNTED_AT_ONCE}


_RULE = select(TagRule, Tag).outerjoin(Tag, Tag.id == TagRule.tag_id).where(TagRule.id == bindparam("rule"))


def _rule_or_404(rule_id: int) -> tuple[TagRule, Tag | None]:
    row = db.session.execute(_RULE, {"rule": rule_id}).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]
