"""The facts a file can state about an application: how each is called, how long it may be, how columns are named.

Also what becomes of a column, taken as one of them or dropped, and the words of those that no file may bring in. Facts
about the person are declared in relay.models.candidate_fields.
"""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from relay.models.candidate_fields import IMPORTED_FIELDS, CandidateField, FieldKind
from relay.text import Sentence


class Field(StrEnum):
    """The field a column is taken as; every imported fact about the person is a member."""

    _ignore_ = "members declared"
    members = vars()

    SOURCE_ID = "source_id"
    PERSON_ID = "person_id"
    NAME = "name"
    FAMILY = "family"
    GIVEN = "given"
    KANA = "kana"
    FAMILY_KANA = "family_kana"
    GIVEN_KANA = "given_kana"
    EMAIL = "email"
    PHONE = "phone"
    CONTACT = "contact"
    """Mail address and telephone number in one cell."""
    BIRTH_DATE = "birth_date"
    QUALIFICATIONS = "qualifications"
    SKILLS = "skills"
    DESIRED_ROLE = "desired_role"
    REAPPLY = "reapply"
    POSITION = "position"
    CHANNEL = "channel"
    CHANNEL_DETAIL = "channel_detail"
    STAGE = "stage"
    RESULT = "end"
    REASON = "reason"
    APPLIED_ON = "applied_on"
    DECIDED_ON = "decided_on"
    STEP = "step"
    SCORE = "score"
    EVALUATION = "evaluation"
    HISTORY = "history"
    TOLD = "told"
    CONSENT = "consent"
    TAGS = "tags"
    MEMO = "memo"
    for declared in IMPORTED_FIELDS:
        if declared.name.upper() not in members:
            members[declared.name.upper()] = declared.name


OF_CANDIDATE: dict[Field, CandidateField] = {Field(declared.name): declared for declared in IMPORTED_FIELDS}
"""What a column brings of the facts a company keeps about a person."""
_PARTS: dict[Field, dict[Field, Sentence]] = {
    Field.NAME: {Field.FAMILY: _l("姓"), Field.GIVEN: _l("名")},
    Field.KANA: {Field.FAMILY_KANA: _l("フリガナ（姓）"), Field.GIVEN_KANA: _l("フリガナ（名）")},
    Field.QUALIFICATIONS: {Field.SKILLS: _l("スキル")},
}
LABELS: dict[Field, Sentence] = {
    label: word
    for field, declared in OF_CANDIDATE.items()
    for label, word in ({field: declared.import_label or declared.label} | _PARTS.get(field, {})).items()
} | {
    Field.CONTACT: _l("メールアドレスと電話番号（同じ欄）"),
    Field.SOURCE_ID: _l("応募のID"),
    Field.PERSON_ID: _l("候補者のID"),
    Field.POSITION: _l("求人"),
    Field.CHANNEL: _l("応募経路"),
    Field.CHANNEL_DETAIL: _l("応募経路の詳細"),
    Field.APPLIED_ON: _l("応募日"),
    Field.STAGE: _l("選考段階"),
    Field.RESULT: _l("選考の結果"),
    Field.DECIDED_ON: _l("結果が出た日"),
    Field.REASON: _l("見送り・辞退の理由"),
    Field.STEP: _l("選考の経過"),
    Field.SCORE: _l("評価（1〜5）"),
    Field.EVALUATION: _l("評価のコメント"),
    Field.HISTORY: _l("職歴・自己PR"),
    Field.TOLD: _l("結果の連絡（済み・まだ）"),
    Field.CONSENT: _l("人材プールでの保管への同意"),
    Field.TAGS: _l("タグ"),
    Field.MEMO: _l("メモ"),
}
"""In the order in which a person would look for them."""

NAMES = frozenset({Field.NAME, Field.FAMILY, Field.GIVEN, Field.KANA, Field.FAMILY_KANA, Field.GIVEN_KANA})

OF_THE_PERSON = NAMES | OF_CANDIDATE.keys() | {Field.PERSON_ID, Field.SKILLS, Field.HISTORY, Field.CONTACT}
"""What is said of the candidate: the same of somebody else (エージェント, 保護者) is never taken for it."""

# Several columns may feed these: the first filled one counts, or all of them together.
FIRST_FILLED = frozenset(
    {
        *(field for field, declared in OF_CANDIDATE.items() if declared.kind in (FieldKind.MAIL, FieldKind.PHONE)),
        *(Field.RESULT, Field.DECIDED_ON),
    }
)
TOGETHER = frozenset(
    {
        *(field for field, declared in OF_CANDIDATE.items() if declared.kind is FieldKind.LIST),
        *(Field.CONTACT, Field.TAGS, Field.MEMO, Field.HISTORY, Field.SKILLS),
        *(Field.REASON, Field.STEP, Field.SCORE, Field.EVALUATION),
    }
)

# In characters (F-21). Longer values are cut, and a note says so.
MAX_LENGTH = {field: declared.max_length for field, declared in OF_CANDIDATE.items()} | {
    Field.SOURCE_ID: 100,
    Field.PERSON_ID: 100,
    Field.POSITION: 200,
    Field.CHANNEL: 100,
    Field.CHANNEL_DETAIL: 100,
    Field.STAGE: 100,
    Field.STEP: 2_000,
    Field.TAGS: 50,
    Field.MEMO: 10_000,
}


COLUMN_NAMES: Mapping[Field, str] = {field: declared.import_words for field, declared in OF_CANDIDATE.items()} | {
    Field.SOURCE_ID: """応募ID 応募番号 管理番号 管理ID ID ApplicationID OpportunityID 受付番号 エントリーID
        エントリー番号 EntryID""",
    Field.PERSON_ID: """応募者ID 候補者ID 応募者番号 候補者番号 求職者ID 求職者番号 会員ID 会員番号 ApplicantID
        ApplicantNumber CandidateID CandidateNumber PersonID ProfileID ContactID""",
    Field.FAMILY: "姓 氏 名字 苗字 姓漢字 漢字姓 氏名姓 応募者名姓 候補者名姓 LastName FamilyName Surname",
    Field.GIVEN: "名 名漢字 漢字名前 下の名前 氏名名 応募者名名 候補者名名 FirstName GivenName",
    Field.FAMILY_KANA: """姓カナ 姓フリガナ 姓よみ 姓読み セイ カナ姓 フリガナ姓 フリガナセイ 氏名カナ姓
        氏名カナセイ LastNameKana FamilyNameKana""",
    Field.GIVEN_KANA: """名カナ 名フリガナ 名よみ 名読み メイ カナ名 フリガナ名 フリガナメイ 氏名カナ名
        氏名カナメイ FirstNameKana GivenNameKana""",
    Field.CONTACT: """連絡先メール電話 連絡先電話メール メール電話 電話メール メール電話番号 メールアドレス電話番号
        電話番号メールアドレス 電話番号メール 連絡先メールアドレス電話番号 EmailPhone PhoneEmail""",
    Field.SKILLS: """スキル スキル資格 資格スキル 保有スキル 保有スキル資格 経験スキル スキルセット 得意分野
        Skill Skills""",
    Field.POSITION: """募集職種 募集職種名 求人 求人名 求人名称 求人タイトル 応募職種 応募求人 応募求人名 職種 職種名
        ポジション ポジション名 応募ポジション 応募ポジション名 応募先 応募先職種 募集ポジション 募集名
        選考ポジション 選考ポジション名 応募した求人 募集タイトル 推薦ポジション 推薦求人 推薦職種 紹介職種
        オウボショクシュ PositionYouAreApplyingFor PositionAppliedFor
        Job JobName JobTitle Jobs Position Posting PostingTitle Requisition
        RequisitionName""",
    Field.CHANNEL: """応募経路 経路 応募媒体 媒体 流入経路 応募チャネル チャネル 応募元 応募ルート 応募手段
        応募のきっかけ 応募きっかけ 出典
        募集媒体 募集媒体名 採用媒体 採用媒体名 求人媒体 求人媒体名 求人サイト 応募サイト 掲載媒体
        応募チャネル名 チャネル種別 応募経路種別 採用チャネル Channel ChannelType Source Origin""",
    Field.CHANNEL_DETAIL: """応募経路詳細 応募経路の詳細 経路詳細 媒体名 チャネル詳細 チャネル名 エージェント
        エージェント名 紹介エージェント 人材紹介会社 人材紹介会社名 紹介会社 紹介会社名 紹介元 SourceDetail
        SourceDetails ReferredBy""",
    Field.STAGE: """選考ステップ 選考段階 選考フェーズ 選考プロセス ステップ ステージ 選考ステージ フェーズ 進捗
        現在のステップ 現在のステージ 最終ステップ Stage CurrentStage StageName Step""",
    Field.RESULT: """選考終了理由 終了理由 結果 選考結果 最終結果 ステータス 選考ステータス 応募ステータス
        候補者ステータス 選考状況 現在の選考状況 選考の状況 対応状況 判定 最終判定 採用結果 採用可否 状況
        選考状態 合否 合否結果 採否 合否判定 選考判定 採用判定 最終合否 採否結果 ケッカ ゴウヒ
        Decision Disposition Status CurrentStatus
        ApplicationStatus FinalResult Result Outcome""",
    Field.REASON: """見送り辞退の理由 お見送り理由 見送り理由 見送りの理由 不採用理由 不合格理由 辞退理由 辞退理由分類
        辞退理由詳細 不合格理由分類 不合格理由詳細 お見送り理由詳細 見送り事由 不採用事由 辞退不採用理由
        不採用辞退理由 NG理由 お断り理由 落選理由 終了理由詳細 RejectionReason RejectedReason RejectReason
        ArchiveReason ArchivedReason ReasonForRejection""",
    Field.APPLIED_ON: """応募日 応募月日 応募時刻 応募日時 応募年月日 応募受付日 受付日 受付日時 エントリー日
        エントリー日時 登録日 登録日時
        タイムスタンプ 送信日時 回答日時 送信日 回答日 完了時刻 推薦日 紹介日 オウボビ Timestamp CompletionTime
        SubmittedAt SubmissionDate Date AppliedAt AppliedOn
        AppliedDate Applied DateApplied ApplicationDate
        RegisteredAt CreatedAt""",
    Field.DECIDED_ON: """結果が出た日 選考終了日 選考終了日時 選考終了時刻 終了日 決定日 結果確定日 結果通知日 不合格日
        不採用日 見送り日 お見送り日 辞退日 選考辞退日 不採用通知日 不合格通知日 お祈りメール送信日 結果連絡日
        合否連絡日 合否決定日 判定日 入社決定日 内定承諾日 DecidedAt DecidedOn RejectedOn RejectedAt
        DateRejected RejectionDate ArchiveDate ClosedAt ClosedOn ArchivedAt ArchivedOn DateArchived HiredOn
        HiredAt""",
    Field.SCORE: "評価 総合評価 評点 スコア 点数 評価点 選考評価 Score Rating OverallRating OverallScore",
    Field.EVALUATION: """面接官コメント 面接コメント 面接メモ 面接所感 面接評価 面接記録 評価コメント 評価内容
        評価メモ 面接官評価 人事コメント 人事所感 選考コメント 選考メモ 選考評価コメント 総評 Feedback
        InterviewNotes Scorecard""",
    Field.HISTORY: """職歴 職務経歴 職務経歴要約 職務要約 経歴 経歴要約 業務経験 経験 在籍企業 勤務先
        現在の勤務先 現職 現職企業 自己PR 志望動機 志望理由 Experience WorkHistory Summary CurrentCompany
        CurrentTitle""",
    Field.TOLD: """結果の連絡 結果連絡 結果連絡済 結果連絡済み 連絡済 連絡済み
        結果通知 結果通知済 結果通知済み 通知済 通知済み
        合否連絡 合否通知 合否連絡済 合否連絡済み 合否通知済 合否通知済み お祈りメール お祈りメール送信 不採用通知
        不採用連絡
        Notified""",
    Field.CONSENT: """人材プールでの保管への同意 保管同意 保管への同意 人材プール同意 人材プールへの同意
        タレントプール同意 PoolConsent""",
    Field.TAGS: "タグ ラベル 応募ラベル 候補者タグ Tag Tags Label Labels CandidateTags",
    Field.MEMO: """メモ メモ欄 備考 備考欄 コメント 特記事項 所感 候補者メモ 応募者メモ 補足 Memo Note Notes Comment
        Comments""",
}


WEAK_NAMES = """管理番号 管理ID ID 受付番号 連絡先 氏 名 名前漢字 媒体 媒体名 応募先 職種 ポジション 登録日 登録日時
    タイムスタンプ 送信日時 回答日時 送信日 回答日 Timestamp 完了時刻 CompletionTime 推薦日 紹介日 Date
    受付日 受付日時 RegisteredAt CreatedAt 状況 対応状況 名字 経路 出典 終了日 決定日 判定日 Position Source"""


class DropKind(StrEnum):
    """Why a column is not taken."""

    LAW = "law"
    NEED = "need"
    REPEATED = "repeated"
    CHOSEN = "chosen"
    OTHER = "other"
    """It is another party's: メールアドレス（エージェント）."""
    ASKED = "asked"
    """HR has to say what it is."""
    UNKNOWN = "unknown"


_FAIR_SELECTION = "性別 男女 gender 写真 photo 配偶者 婚姻 既婚 未婚 結婚 扶養 家族 通勤時間 年齢"
_NOT_ABOUT_ABILITY = (
    "国籍 本籍 出生地 出身地 人種 民族 宗教 信仰 政党 思想 信条 人生観 尊敬する人物 愛読書 購読 労働組合 学生運動"
    " 社会運動 住宅状況 生活環境 資産 身元調査"
)
_SPECIAL_CARE = "障害 障がい 障碍 健康 病歴 持病 既往歴 病名 妊娠 犯罪 前科 賞罰 身長 体重 血液型"
_NOT_FOR_KEEPING = "住所 郵便番号 都道府県 市区町村 番地 最寄駅 最寄り駅 address zipcode postalcode prefecture"
_NOT_FOR_SELECTION = "マイナンバー 個人番号 口座 免許証番号 パスポート番号 旅券番号 在留カード番号 緊急連絡先"

KEPT_OUT: tuple[tuple[str, DropKind, Sentence], ...] = (
    (_FAIR_SELECTION, DropKind.LAW, _l("公正な採用選考のため、採用の判断に使わない項目は取り込みません。")),
    (
        _NOT_ABOUT_ABILITY,
        DropKind.LAW,
        _l("本人の適性や能力に関わらない事柄のため、法律と国の指針により取り込みません。"),
    ),
    (_SPECIAL_CARE, DropKind.LAW, _l("特に配慮が必要な情報のため、取り込みません。")),
    (_NOT_FOR_KEEPING, DropKind.NEED, _l("候補者の情報を保管する目的には必要がないため、取り込みません。")),
    (_NOT_FOR_SELECTION, DropKind.NEED, _l("採用選考には必要がない情報のため、取り込みません。")),
)
