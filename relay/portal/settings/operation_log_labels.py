"""How the log of the company's people says what was done: a word for each tag it shows."""

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relay.models import EventTag
from relay.portal.pool.export import FORMAT_WORDS, PURPOSE_WORDS
from relay.record.operation_log import LogKind, LogLine
from relay.search.export import ExportPurpose, Format
from relay.text import Sentence

KIND_WORDS: dict[LogKind, Sentence] = {
    LogKind.VIEWS: _l("閲覧"),
    LogKind.EXPORTS: _l("書き出し"),
    LogKind.RECORDS: _l("候補者の記録"),
    LogKind.SELECTION: _l("選考・結果連絡"),
    LogKind.SETTINGS: _l("設定"),
    LogKind.LOGINS: _l("ログイン"),
}

_WORDS: dict[EventTag, Sentence] = {
    EventTag.CANDIDATE_VIEWED: _l("記録を開いた"),
    EventTag.FILE_OPENED: _l("書類を開いた"),
    EventTag.POOL_EXPORT_BEGUN: _l("一覧の書き出しを始めた"),
    EventTag.POOL_EXPORTED: _l("一覧をファイルに書き出した"),
    EventTag.LINKS_HANDED_OUT: _l("専用リンクをファイルに書き出した"),
    EventTag.RELATED_TOLD: _l("関連会社に伝える内容をファイルに書き出した"),
    EventTag.REQUEST_FILE_TAKEN: _l("個人情報についての請求の回答をファイルに書き出した"),
    EventTag.FEED_MADE: _l("連携用データのアドレスを作成した"),
    EventTag.FEED_REVOKED: _l("連携用データのアドレスを無効にした"),
    EventTag.API_KEY_MADE: _l("APIキーを作成した"),
    EventTag.API_KEY_REVOKED: _l("APIキーを無効にした"),
    EventTag.WEBHOOK_ADDED: _l("Webhookの送り先を追加した"),
    EventTag.WEBHOOK_CHANGED: _l("Webhookの送り先を変更した"),
    EventTag.WEBHOOK_SECRET_MADE: _l("Webhookのシークレットを新しくした"),
    EventTag.WEBHOOK_STOPPED: _l("Webhookの送信を停止した"),
    EventTag.WEBHOOK_RESUMED: _l("Webhookの送信を再開した"),
    EventTag.WEBHOOK_REMOVED: _l("Webhookの送り先を削除した"),
    EventTag.HERP_CONNECTED: _l("HERP連携を設定した"),
    EventTag.HERP_DISCONNECTED: _l("HERP連携を終了した"),
    EventTag.CANDIDATE_ADDED: _l("登録した"),
    EventTag.CANDIDATE_CHANGED: _l("記録を編集した"),
    EventTag.CANDIDATE_ERASED: _l("記録を消去した"),
    EventTag.CANDIDATES_MERGED: _l("同じ方の記録を一つにまとめた"),
    EventTag.TOLD_APART: _l("別の方と確認した"),
    EventTag.TOLD_APART_UNDONE: _l("別の方という確認を取り消した"),
    EventTag.TAG_ADDED: _l("タグを付けた"),
    EventTag.TAG_REMOVED: _l("タグを外した"),
    EventTag.NOTE_ADDED: _l("メモを残した"),
    EventTag.NOTE_CHANGED: _l("メモを編集した"),
    EventTag.NOTE_REMOVED: _l("メモを削除した"),
    EventTag.FILE_ADDED: _l("書類を保存した"),
    EventTag.FILE_REMOVED: _l("書類を削除した"),
    EventTag.CONTACT_STOPPED: _l("連絡を停止した"),
    EventTag.CONTACT_RESUMED: _l("連絡を再開した"),
    EventTag.HOLD_SET: _l("消去を保留した"),
    EventTag.HOLD_RELEASED: _l("消去の保留を解除した"),
    EventTag.IMPORT_APPLIED: _l("ファイルを取り込んだ"),
    EventTag.BULK_BEGUN: _l("一括操作を始めた"),
    EventTag.ACTION_UNDONE: _l("操作を元に戻した"),
    EventTag.APPLICATION_ADDED: _l("応募を追加した"),
    EventTag.APPLICATION_REJECTED: _l("見送りにした"),
    EventTag.APPLICATION_REOPENED: _l("見送りを取り消した"),
    EventTag.APPLICATION_WITHDREW: _l("辞退を記録した"),
    EventTag.APPLICATION_HIRED: _l("入社を記録した"),
    EventTag.APPLICATION_STEPPED: _l("次の段階へ進めた"),
    EventTag.APPLICATION_PUT_BACK: _l("記録した結果・段階を元に戻した"),
    EventTag.NOTIFIED_ELSEWHERE: _l("電話などで結果を連絡したと記録した"),
    EventTag.RESULT_QUEUED: _l("結果連絡の送信を決めた"),
    EventTag.RESULT_CANCELLED: _l("結果連絡の送信を停止した"),
    EventTag.RESULT_MISTAKEN: _l("結果連絡を誤って送ったと記録した"),
    EventTag.SLOTS_OFFERED: _l("面談の候補日時を追加した"),
    EventTag.SLOT_REMOVED: _l("面談の候補日時を削除した"),
    EventTag.INTERVIEW_INVITED: _l("面談の日時を案内した"),
    EventTag.POSITION_ADDED: _l("求人を作成した"),
    EventTag.POSITION_CHANGED: _l("求人を編集した"),
    EventTag.POSITION_STATE_SET: _l("求人の状態を変更した"),
    EventTag.POSITIONS_MERGED: _l("求人をまとめた"),
    EventTag.TEMPLATE_SAVED: _l("テンプレートを変更した"),
    EventTag.COMPANY_CHANGED: _l("会社の設定を変更した"),
    EventTag.RELAY_SWITCHED: _l("リレーの案内の設定を変更した"),
    EventTag.USER_CHANGED: _l("ユーザーを変更した"),
    EventTag.INVITED: _l("招待を送った"),
    EventTag.INVITATION_REVOKED: _l("招待を取り消した"),
    EventTag.HANDED_OVER: _l("仕事を引き継いだ"),
    EventTag.PARTNERSHIP_CHECKED: _l("提携先の確認を記録した"),
    EventTag.PARTNERSHIP_ENDED: _l("提携を終了した"),
    EventTag.WENT_LIVE: _l("本番の送信を始めた"),
    EventTag.SENDING_STOPPED: _l("すべての送信を停止した"),
    EventTag.SENDING_RESUMED: _l("送信を再開した"),
    EventTag.MAIL_SERVER_CHANGED: _l("メールの送信の設定を変更した"),
    EventTag.RETENTION_TERM_SET: _l("保管期間を変更した"),
    EventTag.PURPOSE_CHANGED: _l("利用目的を変更した"),
    EventTag.PRIVACY_PUBLISHED: _l("個人情報の取扱いを公開した"),
    EventTag.RECORD_USE_SET: _l("選考の記録の利用を変更した"),
    EventTag.LEARNING_SWITCHED: _l("学習した配点の利用を変更した"),
    EventTag.RULE_CHANGED: _l("タグの自動設定を変更した"),
    EventTag.TAG_CHANGED: _l("タグを整理した"),
    EventTag.INCIDENT_ENTERED: _l("事故の記録を始めた"),
    EventTag.INCIDENT_CHANGED: _l("事故の記録を編集した"),
    EventTag.INCIDENT_CLOSED: _l("事故の記録を対応済みにした"),
    EventTag.COST_SET: _l("採用の費用を記録した"),
    EventTag.COST_REMOVED: _l("採用の費用を削除した"),
    EventTag.COST_FILE_APPLIED: _l("採用の費用をファイルから取り込んだ"),
    EventTag.COST_FILE_UNDONE: _l("採用の費用の取り込みを取り消した"),
    EventTag.BASELINE_SET: _l("Relayを始める前の1年の数字を変更した"),
    EventTag.KPI_TARGET_SET: _l("数字の目標を変更した"),
    EventTag.ACT_REFUSED: _l("権限のない操作をして、断られた"),
    EventTag.SIGNED_IN: _l("ログインした"),
    EventTag.SIGNED_OUT: _l("ログアウトした"),
    EventTag.SECOND_FACTOR_ENROLLED: _l("二段階認証を設定した"),
    EventTag.SECOND_FACTOR_REMOVED: _l("二段階認証を解除した"),
    EventTag.EMAIL_CHANGED: _l("ログインのメールアドレスを変更した"),
}


def said(line: LogLine) -> dict[str, Any]:
    """Return one act in words: what was done, more about it, and where that leads."""
    detail, url = _DETAILS.get(line.tag, _nothing_more)(line)
    return {"what": _WORDS[line.tag], "detail": detail, "url": url}


def _nothing_more(line: LogLine) -> tuple[str, str]:
    return (_("%(n)s名", n=f"{line.count:,}"), url_for("portal.activity")) if line.count > 1 else ("", "")


def _exported(line: LogLine) -> tuple[str, str]:
    purpose, format_ = line.data.get("purpose", ""), line.data.get("format", "")
    parts = [
        _("%(n)s名", n=f"{line.data.get('rows', 0):,}"),
        str(PURPOSE_WORDS[ExportPurpose(purpose)]) if purpose in list(ExportPurpose) else "",
        str(FORMAT_WORDS[Format(format_)]) if format_ in list(Format) else "",
        "" if line.data.get("complete", True) else _("途中まで"),
    ]
    return _("・").join(filter(None, parts)), ""


def _imported(line: LogLine) -> tuple[str, str]:
    created, updated = line.data.get("created", 0), line.data.get("updated", 0)
    told = _("新しく%(created)s名、更新%(updated)s名", created=f"{created:,}", updated=f"{updated:,}")
    link = url_for("portal.import_show", import_id=line.subject_id) if line.subject_kind == "import" else ""
    return told, link


def _on_many(line: LogLine) -> tuple[str, str]:
    return _("%(n)s名", n=f"{line.data.get('people', 0):,}"), url_for("portal.activity")


def _erased(line: LogLine) -> tuple[str, str]:
    return _("%(n)s名", n=f"{len(line.data.get('candidate_ids', ())):,}"), ""


def _counted(line: LogLine) -> tuple[str, str]:
    return _("%(n)s件", n=f"{line.data.get('count', line.count):,}"), ""


_DETAILS: dict[EventTag, Callable[[LogLine], tuple[str, str]]] = {
    EventTag.POOL_EXPORT_BEGUN: _exported,
    EventTag.POOL_EXPORTED: _exported,
    EventTag.IMPORT_APPLIED: _imported,
    EventTag.BULK_BEGUN: _on_many,
    EventTag.ACTION_UNDONE: _on_many,
    EventTag.CANDIDATE_ERASED: _erased,
    EventTag.SLOTS_OFFERED: _counted,
    EventTag.LINKS_HANDED_OUT: _counted,
}
