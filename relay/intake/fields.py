"""The facts a file can state about an application, and how long each may be."""

from enum import StrEnum


class Field(StrEnum):
    """What a column is taken as."""

    SOURCE_ID = "source_id"
    NAME = "name"
    FAMILY = "family"
    GIVEN = "given"
    KANA = "kana"
    FAMILY_KANA = "family_kana"
    GIVEN_KANA = "given_kana"
    EMAIL = "email"
    PHONE = "phone"
    BIRTH_DATE = "birth_date"
    POSITION = "position"
    CHANNEL = "channel"
    CHANNEL_DETAIL = "channel_detail"
    STAGE = "stage"
    END = "end"
    APPLIED_ON = "applied_on"
    DECIDED_ON = "decided_on"
    TAGS = "tags"
    MEMO = "memo"


NAMES = frozenset({Field.NAME, Field.FAMILY, Field.GIVEN, Field.KANA, Field.FAMILY_KANA, Field.GIVEN_KANA})

# Several columns may feed these: the first filled one counts, or all of them together.
FIRST_FILLED = frozenset({Field.EMAIL, Field.PHONE, Field.END, Field.DECIDED_ON})
TOGETHER = frozenset({Field.TAGS, Field.MEMO})

# In characters (F-21). Longer values are cut, and a note says so.
LONGEST = {
    Field.SOURCE_ID: 100,
    Field.NAME: 100,
    Field.KANA: 100,
    Field.POSITION: 200,
    Field.CHANNEL: 100,
    Field.CHANNEL_DETAIL: 100,
    Field.STAGE: 100,
    Field.TAGS: 50,
    Field.MEMO: 10_000,
}
