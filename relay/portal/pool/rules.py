"""Rules that tag and set the follow-up by themselves (タグの自動設定): made, seen, switched on and off, dropped."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.bulk import tag_rules
from relay.candidates import tags
from relay.candidates.tag_presets import PRESET_RULES
from relay.errors import DomainError
from relay.extensions import db
from relay.models import FollowUp, Tag, TagRule
from relay.portal import portal
from relay.portal.ui.labels import capped, moment
from relay.portal.ui.navigation import tab
from relay.search import candidate_search
from relay.web import page


@portal.get("/pool/rules")
@needs("pool:read")
@tab(4, _l("タグの自動設定"))
def rules() -> AnyResponse:
    """Show all of them, those switched on first, and some that are ready."""
    return _rules()


@portal.post("/pool/rules")
@needs("rules:write")
def rule_create() -> AnyResponse:
    """Create a rule, switched off; next it is looked at."""
    session, person = db.session(), member()
    typed = {name: request.form.get(name, "") for name in ("condition", "name", "follow_up")}
    try:
        tag = tags.find_or_make(session, typed["name"]) if typed["name"].strip() else None
        rule = tag_rules.create(
            session,
            person.company_id,
            condition=typed["condition"],
            tag=tag,
            follow_up=FollowUp(typed["follow_up"]) if typed["follow_up"] in list(FollowUp) else None,
            by_user_id=person.user_id,
        )
    except DomainError as refused:
        session.rollback()
        return _rules(status=422, typed=typed, refused=str(refused))
    session.commit()
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
    done = tag_rules.switch_on(db.session(), rule, by_user_id=member().user_id)
    db.session.commit()
    if done.running:
        flash(_("ルールを開始しました。人数が多いため、順に進めています。"))
        return redirect(url_for("portal.activity"), 303)
    told = _("ルールを開始し、いま当てはまる%(n)s名に適用しました。", n=f"{done.people:,}")
    flash(told, f"undo:{done.entry_id}" if done.entry_id else "message")
    return redirect(url_for("portal.rules"), 303)


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


def _rules(*, status: int = 200, **extra: Any) -> AnyResponse:
    found = tag_rules.listed(db.session())
    there = {rule.condition for rule, _tag in found}
    given = {"typed": {}} | extra
    return page(
        "portal/pool/rules.html",
        status=status,
        rules=found,
        presets=[preset for preset in PRESET_RULES if str(preset.condition) not in there],
        follow_up_words=FollowUp.labels(),
        **given,
    )


def _rule_or_404(rule_id: int) -> tuple[TagRule, Tag | None]:
    statement = select(TagRule, Tag).outerjoin(Tag, Tag.id == TagRule.tag_id).where(TagRule.id == rule_id)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]
