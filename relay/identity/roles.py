"""Permissions of each role (E-2). One table: the guards, the members page and the route test all read it."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from relay.models import Role

WORDS: dict[Role, LazyString] = {
    Role.ADMIN: _l("管理者"),
    Role.RECRUITER: _l("採用担当"),
    Role.INTERVIEWER: _l("面接担当"),
    Role.VIEWER: _l("閲覧のみ"),
    Role.LEAD: _l("提携先の責任者"),
    Role.AGENT: _l("提携先の担当者"),
}
"""The roles as pages call them."""

EVERY_MEMBER = frozenset({Role.ADMIN, Role.RECRUITER, Role.VIEWER})
WRITERS = frozenset({Role.ADMIN, Role.RECRUITER})
ADMINS = frozenset({Role.ADMIN})
AGENTS = frozenset({Role.LEAD, Role.AGENT})
LEADS = frozenset({Role.LEAD})
ANSWERABLE = ADMINS | LEADS
"""Who answers for a company or a partner: somebody always does."""
EVERYONE = frozenset(Role)

PERMISSIONS: dict[str, frozenset[Role]] = {
    "home:read": EVERY_MEMBER,
    "pool:read": EVERY_MEMBER,
    "pool:write": WRITERS,
    "rules:write": WRITERS,
    "alerts:use": WRITERS,
    "pool:export": WRITERS,
    "people:erase": ADMINS,
    "people:add": WRITERS,
    "import:run": WRITERS,
    "positions:read": EVERY_MEMBER,
    "positions:write": WRITERS,
    "interviews:write": WRITERS,
    "results:read": EVERY_MEMBER,
    "results:tell": WRITERS,
    "templates:read": EVERY_MEMBER,
    "templates:write": WRITERS,
    "credits:read": EVERY_MEMBER,
    "insights:read": EVERY_MEMBER,
    "insights:write": WRITERS,
    "insights:share": ADMINS,
    "insights:report": EVERY_MEMBER,
    "introductions:read": EVERY_MEMBER,
    "introductions:write": WRITERS,
    "referrals:review": ADMINS,
    "log:read": ADMINS,
    "settings:read": ADMINS,
    "settings:write": ADMINS,
    "setup:run": ADMINS,
    "members:write": ADMINS,
    "partners:write": ADMINS,
    "incidents:write": WRITERS,
    "requests:write": WRITERS,
    "live:switch": ADMINS,
    "roles:read": EVERY_MEMBER,
    "practice:use": WRITERS,
    "sending:stop": WRITERS,
    "account:use": EVERYONE,
    "organisation:write": LEADS,
    "people:read": AGENTS,
    "people:export": AGENTS,
    "people:mark": AGENTS,
    "incidents:report": AGENTS,
    "introductions:answer": AGENTS,
}

DOES: dict[str, LazyString] = {
    "home:read": _l("ホームで、今日することと、案内の合計を見る"),
    "pool:read": _l("人材プールを検索し、候補者の記録（氏名・連絡先・選考・メモ・書類）を見る"),
    "people:add": _l("候補者を手入力で登録する"),
    "pool:write": _l("候補者の記録を編集する（連絡先・メモ・タグ・書類・選考の段階・結果）"),
    "rules:write": _l("タグと今後の対応を自動で決めるルールを作成する、編集する、開始する、停止する"),
    "alerts:use": _l("保存した条件や求人に新しく合う方のお知らせを受け取る、止める"),
    "pool:export": _l("検索した候補者の一覧をファイルに書き出す（パスワードの確認と、理由の記録つき）"),
    "people:erase": _l("候補者の記録を、ご本人の請求などで消去する（ログインの確認つき）"),
    "import:run": _l("ファイルから候補者を取り込む"),
    "positions:read": _l("求人と応募の人数を見る"),
    "positions:write": _l("求人を作成・編集・停止・再開・終了する、ほかの求人にまとめる"),
    "interviews:write": _l("面談の候補日時を追加する、削除する、候補者に日時を案内する、面談を取り消す"),
    "results:read": _l("結果連絡の状況と、送ったメールを見る"),
    "results:tell": _l("結果連絡を書いて送る、自分で送るための専用リンクを作る、停止する、誤って送ったと記録する"),
    "templates:read": _l("テンプレートを見る"),
    "templates:write": _l("テンプレートを作成する、編集する"),
    "credits:read": _l("紹介枠の残りとその記録、案内からリレー完了までの合計を見る"),
    "insights:read": _l("採用の数字と費用、それぞれの数字のもとになった方の一覧を見る"),
    "insights:write": _l("採用の費用を入力する、ファイルから取り込む、元に戻す、数字の目標を設定する"),
    "insights:share": _l("連携用データのアドレスを見る、作成する、無効にする（ログインの確認つき）"),
    "insights:report": _l("この1年の数字のメール（月次レポート）を受け取る、停止する"),
    "introductions:read": _l("紹介の依頼と、面談確約の内容を見る"),
    "introductions:write": _l("紹介枠を使って紹介を依頼する、取り消す、面談が行われたかどうかを記録する"),
    "referrals:review": _l("確認したい登録（番号・日付・きっかけだけ）を見る"),
    "practice:use": _l("練習用のメールを自分に送って試す"),
    "sending:stop": _l("すべての送信を停止する、再開する"),
    "roles:read": _l("このページを見る"),
    "setup:run": _l("初期設定を進める"),
    "log:read": _l("操作ログ（誰がいつ、どなたの記録を閲覧・書き出し・変更したか）を見る"),
    "settings:read": _l("設定を見る"),
    "settings:write": _l("会社の情報・送信・個人情報の取扱いなどの設定を変更する"),
    "members:write": _l("ユーザーを招待する、役割を変更する、利用を停止する"),
    "partners:write": _l("提携先を招待する、確認を記録する、提携を終了する"),
    "incidents:write": _l("事故の記録を見る、書く、対応済みにする"),
    "requests:write": _l("個人情報についての請求を受け付ける、回答する、お断りする"),
    "live:switch": _l("本番の送信を始める"),
    "people:read": _l("自社への提供に同意した方の、同意された項目を見る"),
    "people:export": _l("自社への提供に同意した方を、ファイルに書き出す（パスワードの確認と、提供の記録つき）"),
    "people:mark": _l("自社への提供に同意した方について、自社だけの対応とメモを記録する"),
    "incidents:report": _l("自社で起きた個人情報の事故を、提携している企業と運営者に報告する"),
    "introductions:answer": _l("企業からの紹介の依頼を見る、紹介リンクを作成する、取り消す、依頼を見合わせる"),
    "organisation:write": _l(
        "自社の登録内容・担当者・ログインの決まりを変更する、提携を終了する、担当者・APIキーごとの閲覧の記録を見る、"
        "ほかの担当者のメモを削除する"
    ),
    "account:use": _l("自分の名前・パスワード・二段階認証・ログイン中の画面を変更する"),
}
"""What each permission lets somebody do, as the page of roles says it; in its order."""

BRING_PEOPLE = frozenset({"people:add", "import:run"})
"""The permissions behind every page a candidate comes in by: a second factor comes before them (E-5)."""

SHOWN = (Role.ADMIN, Role.RECRUITER, Role.VIEWER, Role.LEAD, Role.AGENT)
"""The roles somebody can have today, in the order of that page."""


def may(role: Role, permission: str) -> bool:
    """Return whether the role holds the permission. Raises KeyError for a permission nobody defined."""
    return role in PERMISSIONS[permission]
