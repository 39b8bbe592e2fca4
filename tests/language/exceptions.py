"""What textlint finds and is meant so: the rule, the reason, and the finding or the line it is about."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Meant:
    """A finding that is let pass: its rule ("" for each), why, and what its words, its line or its file must match."""

    rule: str
    reason: str
    finding: str = ""
    line: str = ""
    path: str = ""

    def covers(self, rule: str, finding: str, line: str, path: str) -> bool:
        """Return whether the finding is this one."""
        return (
            self.rule in ("", rule)
            and path.startswith(self.path)
            and re.search(self.finding, finding) is not None
            and re.search(self.line, line) is not None
        )


_SPACED = "ja-no-space-between-full-width"
_HALF = "ja-space-between-half-and-full-width"
_WORDS = "prh-rules"
MEANT = (
    Meant(
        "ja-no-mixed-period", "a line without 。 is a heading, a label, a button or a short message", line="^[^。]*$"
    ),
    Meant(
        "",
        "versions of texts as people agreed to them: another word is another version",
        path="relay/network/consent_texts.py",
    ),
    Meant("", "versions of the rules as both sides agreed to them", path="relay/network/partnerships.py"),
    Meant("no-doubled-joshi", "AもBも and 〜ても〜ても set two things side by side", finding='助詞 "(も|にも|ても)"'),
    Meant("no-doubled-joshi", "quotes the guideline on 個人情報の保護 word for word", line="^「会員登録時に"),
    Meant(_WORDS, "the glossary writes 一つ and お一人", finding="^(一つ|一人|二つ) => "),
    Meant(_WORDS, "the glossary writes 分かる", finding="^分か"),
    Meant(_WORDS, "the glossary writes フォルダー, and ブラウザー likewise", finding="^(フォルダー|ブラウザー) => "),
    Meant(
        _WORDS, "行う, as the Agency for Cultural Affairs and public offices write it", finding="^行[わいうえおっ] => "
    ),
    Meant(_WORDS, "付ける of a tag or a tick is the verb itself, not an auxiliary", finding="^付け[てる]* => "),
    Meant(_WORDS, "the verb 及ぶ, not the conjunction", line="及びません"),
    Meant(_WORDS, "最後で, not 後で", line="最後です"),
    Meant(
        "", "names of other services and of what stands on their pages", path="relay/portal/settings/mail_recipes.py"
    ),
    Meant(
        "ja-no-space-around-parentheses",
        "the value of a header, and a command, with what is filled in there",
        path="relay/portal/settings/guide_words.py",
    ),
    Meant(_SPACED, "conditions of the search box are separated by spaces", line=r"^[^ ]+:[^ ]+( [^ ]+:[^ ]+)*$"),
    Meant(_SPACED, "a space stands before 様 and 御中, and in a signature", line=r" (様|御中|採用担当)"),
    Meant(_SPACED, "names of people have a space", line="^(山田 はるか|練習 太郎)$"),
    Meant("@textlint-rule/no-unmatched-pair", "a text put together, whose bracket closes behind the name", line="（$"),
    Meant("", "patterns of days and times", line=r"^[yMdHmE年月日（）: ]+$"),
    Meant(_HALF, "shows how a time may be typed", line="「12/3 14:00」"),
)
