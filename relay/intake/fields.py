"""The facts a file can state about an application, how each is called, and how long it may be.

Those about the person are declared in relay.models.candidate_fields.
"""

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
    Field.TAGS: _l("タグ"),
    Field.MEMO: _l("メモ"),
}
"""In the order in which a person would look for them."""

NAMES = frozenset({Field.NAME, Field.FAMILY, Field.GIVEN, Field.KANA, Field.FAMILY_KANA, Field.GIVEN_KANA})

OF_THE_PERSON = NAMES | OF_CANDIDATE.keys() | {Field.PERSON_ID, Field.SKILLS, Field.HISTORY}
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
        *(Field.TAGS, Field.MEMO, Field.HISTORY, Field.SKILLS),
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
