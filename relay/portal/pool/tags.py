"""The tags of the company (タグの整理): names, kinds, colours, how many carry each; merging two, and giving one up."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.bulk import runs, tag_admin
from relay.bulk.actions import DropTag, MergeTags, RetireTag
from relay.candidates import tags as words_of_the_company
from relay.candidates.sensitive import SensitiveWords
from relay.candidates.tag_presets import PRESET_TAGS
from relay.errors import DomainError
from relay.extensions import db
from relay.models import Tag, TagColour, TagKind
from relay.portal import portal
from relay.portal.ui.labels import capped
from relay.web import page


@portal.get("/pool/tags")
@needs("pool:read")
def tags() -> AnyResponse:
    """Show all of them by name, a hundred on a page."""
    return _tags()


@portal.get("/pool/tags/names")
@needs("pool:read")
def tag_names() -> AnyResponse:
    """Names that fit what is being typed, for the datalist that `list` names."""
    typed = request.args.get("name") or request.args.get("into", "")
    return page(
        "portal/pool/_tag_names.html",
        names=tag_admin.suggested(db.session(), typed),
        list_id=request.args.get("list", "tag-names"),
    )


@portal.post("/pool/tags")
@needs("pool:write")
def tag_create() -> AnyResponse:
    """Create a tag, typed or taken from those that are ready."""
    name, session = request.form.get("name", ""), db.session()
    try:
        tag = words_of_the_company.find_or_make(
            session, name, kind=_kind(), colour=_colour(), confirmed="confirmed" in request.form
        )
    except SensitiveWords as asked:
        return _tags(status=422, typed=name, asking=str(asked))
    except DomainError as refused:
        return _tags(status=422, typed=name, refused=str(refused))
    session.commit()
    flash(_("タグ「%(name)s」があります。一覧や記録で付けられます。", name=tag.name))
    return redirect(url_for("portal.tags"), 303)


@portal.get("/pool/tags/<int:tag_id>")
@needs("pool:write")
def tag(tag_id: int) -> AnyResponse:
    """Show one tag with the form that changes it."""
    return _tag(_tag_or_404(tag_id))


@portal.post("/pool/tags/<int:tag_id>")
@needs("pool:write")
def tag_save(tag_id: int) -> AnyResponse:
    """Save another name, kind or colour."""
    tag, name = _tag_or_404(tag_id), request.form.get("name", "")
    try:
        tag_admin.change(
            db.session(), tag, name=name, kind=_kind(), colour=_colour(), confirmed="confirmed" in request.form
        )
    except DomainError as refused:
        asking = isinstance(refused, SensitiveWords)
        return _tag(tag, status=422, typed=name, refused=str(refused), asking=asking)
    db.session.commit()
    flash(_("「%(name)s」を保存しました", name=tag.name))
    return redirect(url_for("portal.tags"), 303)


@portal.post("/pool/tags/<int:tag_id>/merge")
@needs("pool:write")
def tag_merge(tag_id: int) -> AnyResponse:
    """Give the other tag to everybody who carries this one, and remove this one."""
    tag, name = _tag_or_404(tag_id), request.form.get("into", "")
    try:
        into = tag_admin.other_tag(db.session(), tag, name)
    except DomainError as refused:
        return _tag(tag, status=422, typed_into=name, merge_refused=str(refused))
    told = _("「%(name)s」を「%(into)s」にまとめました", name=tag.name, into=into.name)
    return _given_up(MergeTags(tag.id, into.id), told)


@portal.post("/pool/tags/<int:tag_id>/removal")
@needs("pool:write")
def tag_remove(tag_id: int) -> AnyResponse:
    """Take the tag off everybody, and remove it."""
    tag = _tag_or_404(tag_id)
    return _given_up(DropTag(tag.id), _("タグ「%(name)s」を削除しました", name=tag.name))


def _given_up(action: RetireTag, told: str) -> AnyResponse:
    person = member()
    outcome = runs.do_to_carriers(db.session(), person.company_id, action, by_user_id=person.user_id)
    db.session.commit()
    if outcome.running:
        flash(_("人数が多いため、順に進めています。ほかの作業を続けられます。"))
        return redirect(url_for("portal.activity"), 303)
    flash(told, f"undo:{outcome.entry_id}")
    return redirect(url_for("portal.tags"), 303)


def _tags(*, status: int = 200, **extra: Any) -> AnyResponse:
    q, after = request.args.get("q", "")[:60], request.args.get("after", "")
    found = tag_admin.listed(db.session(), q=q, after=after)
    return page(
        "portal/pool/tags.html",
        status=status,
        tags=found.rows,
        q=q,
        presets=tag_admin.missing(db.session(), PRESET_TAGS),
        first_url="" if found.at_top else url_for("portal.tags", q=q or None),
        next_url=url_for("portal.tags", q=q or None, after=found.next) if found.next else "",
        **_choices(),
        **extra,
    )


def _tag(tag: Tag, *, status: int = 200, **extra: Any) -> AnyResponse:
    people = tag_admin.counted(db.session(), tag)
    return page("portal/pool/tag.html", status=status, tag=tag, people=people, **_choices(), **extra)


def _choices() -> dict[str, Any]:
    return {
        "kind_words": TagKind.labels(),
        "colour_words": TagColour.labels(),
        "capped": capped,
        "most": tag_admin.COUNT_CAP,
    }


def _kind() -> TagKind:
    word = request.form.get("kind", "")
    return TagKind(word) if word in list(TagKind) else TagKind.FREE


def _colour() -> TagColour:
    word = request.form.get("colour", "")
    return TagColour(word) if word in list(TagColour) else TagColour.PLAIN


_TAG = select(Tag).where(Tag.id == bindparam("tag"))


def _tag_or_404(tag_id: int) -> Tag:
    tag = db.session.scalars(_TAG, {"tag": tag_id}).one_or_none()
    if tag is None:
        raise NotFound
    return tag
