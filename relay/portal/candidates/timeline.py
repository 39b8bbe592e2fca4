"""The sentences of a record's timeline: each entry of relay.record.timeline as HR reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relay.mail import letters
from relay.models import (
    ApplicationResult,
    ContactChannel,
    EventTag,
    FollowUp,
    MessageState,
    RejectionReason,
    RescoutAnswer,
)
from relay.models.candidate_fields import CANDIDATE_FIELDS
from relay.portal.ui.labels import long_day, moment
from relay.record.timeline import EntrySource, TimelineEntry

_ACTORS = {
    "candidate": _l("ご本人"),
    "worker": _l("自動"),
    "system": _l("自動"),
    "cli": _l("管理用コマンド"),
}
_FIELDS = {field.name: field.label for field in CANDIDATE_FIELDS} | {
    "basis": _l("保管してよい理由"),
    "retain_until": _l("保管期限"),
    "applications": _l("応募"),
    "tags": _l("タグ"),
    "notes": _l("メモ"),
}
_MAILS: dict[MessageState, tuple[Any, str, str]] = {
    MessageState.SCHEDULED: (_l("結果連絡が送信を待っています"), "clock", ""),
    MessageState.SENDING: (_l("結果連絡を送信しています"), "send", ""),
    MessageState.SENT: (_l("結果連絡を送りました"), "mail", "relay"),
    MessageState.FAILED: (_l("結果連絡が届きませんでした"), "mail-x", ""),
    MessageState.BOUNCED: (_l("結果連絡が届きませんでした"), "mail-x", ""),
    MessageState.CANCELLED: (_l("結果連絡の送信を停止しました"), "ban", ""),
    MessageState.SUPPRESSED: (_l("結果連絡は送られませんでした"), "ban", ""),
}


_OTHERS: dict[MessageState, Any] = {
    MessageState.SCHEDULED: _l("%(what)sのメールが送信を待っています"),
    MessageState.SENDING: _l("%(what)sのメールを送信しています"),
    MessageState.SENT: _l("%(what)sのメールを送りました"),
    MessageState.FAILED: _l("%(what)sのメールを送れませんでした"),
    MessageState.BOUNCED: _l("%(what)sのメールが届きませんでした"),
    MessageState.CANCELLED: _l("%(what)sのメールの送信を停止しました"),
    MessageState.SUPPRESSED: _l("%(what)sのメールは送られませんでした"),
}
"""Of mails that tell no result."""


@dataclass(frozen=True)
class EntryContext:
    """The names that a sentence needs beside its entry: positions by application id, tag names by id."""

    positions: Mapping[int, str]
    tags: Mapping[int, str]
    may_import: bool = False
    candidate_id: int = 0
    """Whose memos may be put right here; 0 where nobody may write."""


def told(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    """Return one entry as the timeline macro takes it."""
    made = _BY_SOURCE[entry.source](entry, known)
    return {"time": entry.at, "when": _when(entry), "by": _by(entry)} | made


def _when(entry: TimelineEntry) -> str:
    if entry.source is EntrySource.STEP and (entry.data or {}).get("undated"):
        return _("日付の記録なし")
    return long_day(entry.at) if entry.whole_day else moment(entry.at)


def _by(entry: TimelineEntry) -> str:
    if entry.source in (EntrySource.APPLIED, EntrySource.STEP, EntrySource.ENDED):
        return ""
    return entry.by or str(_ACTORS.get(entry.by_kind, ""))


def _position(entry: TimelineEntry, known: EntryContext) -> str:
    return known.positions.get(entry.about or 0, "")


def _applied(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    position = _position(entry, known)
    return {"title": _("%(position)sに応募", position=position) if position else _("応募"), "icon": "briefcase"}


def _ended(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    word = ApplicationResult(entry.word).label
    return {"title": _("結果：%(end)s", end=word), "text": _position(entry, known), "icon": "clipboard-check"}


def _step(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    data = entry.data or {}
    score = _("評価%(score)s／5", score=data["score"]) if data.get("score") else ""
    text = "・".join(part for part in (_position(entry, known), data.get("result", ""), score) if part)
    return {"title": entry.word, "text": text, "quote": entry.text, "icon": "list-checks"}


def _mail(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    title, icon, kind = _MAILS[MessageState(entry.word)]
    if called := letters.find(entry.text).called:
        title, kind = _OTHERS[MessageState(entry.word)] % {"what": called}, ""
    link = (url_for("portal.message", message_id=entry.id), _("文面を見る"))
    return {"title": title, "text": _position(entry, known), "icon": icon, "kind": kind, "link": link}


def _mistaken(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    message_id = (entry.data or {}).get("message_id")
    link = (url_for("portal.message", message_id=message_id), _("文面を見る")) if message_id else None
    title = _("結果連絡を、誤って送ったと記録しました")
    return {"title": title, "text": _position(entry, known), "icon": "ban", "link": link}


def _answered(entry: TimelineEntry, _known: EntryContext) -> dict[str, Any]:
    answer = (entry.data or {}).get("answer", "")
    label = RescoutAnswer(answer).label if answer in list(RescoutAnswer) else ""
    return {"title": _("再スカウトへの返事：%(answer)s", answer=label), "icon": "mail"}


def _note(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    link = None
    if known.candidate_id:
        there = url_for("portal.record_note", candidate_id=known.candidate_id, note_id=entry.id)
        link = (there, _("編集・削除する"))
    if entry.word in list(ContactChannel):
        title, icon = (
            _("ご本人の返信（%(contact_channel)s）", contact_channel=ContactChannel(entry.word).label),
            "phone" if entry.word == ContactChannel.PHONE else "mail",
        )
    else:
        title, icon = _("ファイルにあったメモ") if entry.word == "imported" else _("メモ"), "message-square"
    return {"title": title, "quote": entry.text, "icon": icon, "link": link}


def _event(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    return _SENTENCES[EventTag(entry.word)](entry, known)


def _rejected(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    reason = (entry.data or {}).get("reason", "")
    words = str(RejectionReason(reason).label) if reason in list(RejectionReason) else ""
    said = [part for part in (_position(entry, known), words) if part]
    return {"title": _("見送りにしました"), "text": "・".join(said), "icon": "clipboard-check"}


def _recorded(title: Any, icon: str) -> Callable[[TimelineEntry, EntryContext], dict[str, Any]]:
    """Return a result recorded by hand, with the day it holds from, which is not always that of the recording."""

    def said(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
        on = (entry.data or {}).get("on", "")
        day = long_day(date.fromisoformat(on)) if on else ""
        return {"title": title, "text": "・".join(filter(None, (_position(entry, known), day))), "icon": icon}

    return said


def _stay(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    data = entry.data or {}
    word = _("在籍") if data.get("there") else _("退職")
    title = _("入社から%(months)sか月の「%(word)s」を記録しました", months=data.get("months", ""), word=word)
    return {"title": title, "text": _position(entry, known), "icon": "clipboard-check"}


def _plain(title: Any, icon: str, kind: str = "") -> Callable[[TimelineEntry, EntryContext], dict[str, Any]]:
    return lambda entry, known: {"title": title, "text": _position(entry, known), "icon": icon, "kind": kind}


def _tagged(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    return {"title": _("「%(name)s」を付けました", name=_tag(entry, known)), "icon": "tag"}


def _untagged(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    return {"title": _("「%(name)s」を外しました", name=_tag(entry, known)), "icon": "tag"}


def _tag(entry: TimelineEntry, known: EntryContext) -> str:
    return known.tags.get((entry.data or {}).get("tag_id", 0), _("いまはないタグ"))


def _added(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    title = _("ファイルから登録しました") if "import_id" in (entry.data or {}) else _("登録しました")
    return {"title": title, "icon": "user-plus", "link": _import_of(entry, known)}


def _import_of(entry: TimelineEntry, known: EntryContext) -> tuple[str, str] | None:
    """Return the way to the import that brought this, for people who may go it."""
    import_id = (entry.data or {}).get("import_id")
    if not import_id or not known.may_import:
        return None
    return url_for("portal.import_show", import_id=import_id), _("この取り込みを見る")


def _changed(entry: TimelineEntry, known: EntryContext) -> dict[str, Any]:
    data = entry.data or {}
    if "follow_up" in data:
        chosen = FollowUp(data["follow_up"]).label if data["follow_up"] in list(FollowUp) else _("決めていない")
        return {"title": _("今後の対応を「%(follow_up)s」にしました", follow_up=chosen), "icon": "pencil"}
    if data.get("undone"):
        return {"title": _("操作を元に戻しました"), "icon": "undo-2"}
    fields = "・".join(str(_FIELDS.get(field, field)) for field in data.get("fields", ()))
    title = _("ファイルの内容で更新しました") if "import_id" in data else _("更新しました")
    return {"title": title, "text": fields, "icon": "pencil", "link": _import_of(entry, known)}


def _wish(title: Any, icon: str) -> Callable[[TimelineEntry, EntryContext], dict[str, Any]]:
    """Return what the person wished, and how they said it."""

    def said(entry: TimelineEntry, _known: EntryContext) -> dict[str, Any]:
        contact_channel = (entry.data or {}).get("contact_channel", "")
        text = (
            _("ご本人からお聞きした方法：%(contact_channel)s", contact_channel=ContactChannel(contact_channel).label)
            if contact_channel in list(ContactChannel)
            else ""
        )
        return {"title": title, "text": text, "icon": icon}

    return said


_BY_SOURCE: dict[EntrySource, Callable[[TimelineEntry, EntryContext], dict[str, Any]]] = {
    EntrySource.EVENT: _event,
    EntrySource.MESSAGE: _mail,
    EntrySource.NOTE: _note,
    EntrySource.APPLIED: _applied,
    EntrySource.STEP: _step,
    EntrySource.ENDED: _ended,
}
_SENTENCES: dict[EventTag, Callable[[TimelineEntry, EntryContext], dict[str, Any]]] = {
    EventTag.CANDIDATE_VIEWED: _plain(_l("記録を開きました"), "eye"),
    EventTag.CANDIDATE_ADDED: _added,
    EventTag.CANDIDATE_CHANGED: _changed,
    EventTag.CANDIDATES_MERGED: _plain(_l("同じ方の記録を一つにまとめました"), "users"),
    EventTag.FILE_ADDED: _plain(_l("書類を保存しました"), "file-up"),
    EventTag.FILE_OPENED: _plain(_l("書類を開きました"), "eye"),
    EventTag.FILE_REMOVED: _plain(_l("書類を削除しました"), "trash-2"),
    EventTag.CONTACT_STOPPED: _wish(_l("この方への連絡を停止しました"), "ban"),
    EventTag.CONTACT_RESUMED: _wish(_l("この方への連絡を再開しました"), "undo-2"),
    EventTag.HOLD_SET: _plain(_l("消去を保留しました"), "lock"),
    EventTag.HOLD_RELEASED: _plain(_l("消去の保留を解除しました"), "lock"),
    EventTag.NOTE_ADDED: _plain(_l("メモを残しました"), "message-square"),
    EventTag.NOTE_CHANGED: _plain(_l("メモを編集しました"), "message-square"),
    EventTag.NOTE_REMOVED: _plain(_l("メモを削除しました"), "trash-2"),
    EventTag.TAG_ADDED: _tagged,
    EventTag.TAG_REMOVED: _untagged,
    EventTag.APPLICATION_ADDED: _plain(_l("応募を追加しました"), "briefcase"),
    EventTag.APPLICATION_REJECTED: _rejected,
    EventTag.APPLICATION_REOPENED: _plain(_l("見送りを取り消しました"), "undo-2"),
    EventTag.APPLICATION_WITHDREW: _recorded(_l("辞退を記録しました"), "clipboard-check"),
    EventTag.APPLICATION_HIRED: _recorded(_l("入社を記録しました"), "clipboard-check"),
    EventTag.STAY_TOLD: _stay,
    EventTag.APPLICATION_STEPPED: _recorded(_l("次の段階へ進めました"), "list-checks"),
    EventTag.APPLICATION_PUT_BACK: _plain(_l("記録した結果・段階を元に戻しました"), "undo-2"),
    EventTag.RESULT_MISTAKEN: _mistaken,
    EventTag.RESCOUT_ANSWERED: _answered,
    EventTag.NOTIFIED_ELSEWHERE: _plain(_l("電話などで結果を連絡しました"), "message-square"),
    EventTag.OPENINGS_ASKED: _plain(_l("次の募集のお知らせと、応募の記録の保管に同意されました"), "check"),
    EventTag.OPENINGS_ENDED: _plain(_l("次の募集のお知らせと、応募の記録の保管への同意を取り消されました"), "undo-2"),
    EventTag.RELATED_AGREED: _plain(_l("関連会社にも知らせてよいと、同意されました"), "check"),
    EventTag.OUTCOMES_AGREED: _plain(_l("その後のことを自社が読むことに、同意されました"), "check"),
    EventTag.OUTCOMES_ENDED: _plain(_l("その後のことを自社が読むことへの同意が終わりました"), "undo-2"),
    EventTag.RELATED_ENDED: _plain(_l("関連会社に知らせることへの同意が終わりました"), "undo-2"),
    EventTag.RELATED_TOLD: _plain(_l("関連会社に伝える内容を、ファイルに書き出しました"), "send"),
    EventTag.REFERRAL_COMPLETED: _plain(_l("リレー完了"), "handshake", "now"),
}
