"""Mail addresses as files and people hold them (F-18)."""

import re
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.text import MailFault, addr_spec, address, mail_key, mail_sentence, normalise_mail


@pytest.mark.parametrize(
    ("typed", "value", "fault"),
    [
        ("", "", None),
        ("taro@mail.example", "taro@mail.example", None),
        (" Taro.Yamada@MAIL.Example ", "Taro.Yamada@mail.example", None),
        ("ｔａｒｏ＠ｍａｉｌ．ｅｘａｍｐｌｅ", "taro@mail.example", None),
        ("mailto:taro@mail.example", "taro@mail.example", None),
        ("山田 太郎 <taro@mail.example>", "taro@mail.example", None),
        ("taro+job@mail.example.", "taro+job@mail.example", None),
        ("taro..x@docomo.ne.jp", "taro..x@docomo.ne.jp", MailFault.ODD),
        ("taro.@ezweb.ne.jp", "taro.@ezweb.ne.jp", MailFault.ODD),
        (".taro@ezweb.ne.jp", ".taro@ezweb.ne.jp", MailFault.ODD),
        ('"taro..x"@docomo.ne.jp', "taro..x@docomo.ne.jp", MailFault.ODD),
        ('山田 <"taro."@docomo.ne.jp>', "taro.@docomo.ne.jp", MailFault.ODD),
        ('"taro.x"@mail.example', "taro.x@mail.example", None),
        ('"taro x"@mail.example', "", MailFault.UNUSABLE),
        ('"taro" jiro@mail.example', "", MailFault.SEVERAL),
        ("taro@localhost", "taro@localhost", MailFault.ODD),
        ("not-an-address", "", MailFault.NO_AT),
        ("a@mail.example, b@mail.example", "", MailFault.SEVERAL),
        ("a@mail.example;b", "", MailFault.SEVERAL),
        ("a@mail.example、b", "", MailFault.SEVERAL),
        ("a@b@c", "", MailFault.SEVERAL),
        ("a@mail.example\r\nBcc: b", "", MailFault.SEVERAL),
        ("@mail.example", "", MailFault.UNUSABLE),
        ("taro@", "", MailFault.UNUSABLE),
        ("山田@mail.example", "", MailFault.UNUSABLE),
        ("taro@日本.example", "", MailFault.UNUSABLE),
        ("taro@-mail-.example", "", MailFault.UNUSABLE),
        ("a" * 65 + "@mail.example", "", MailFault.UNUSABLE),
        ("a@" + "b" * 60 + ("." + "c" * 60) * 4, "", MailFault.UNUSABLE),
    ],
)
def test_addresses_are_read(typed: str, value: str, fault: MailFault | None) -> None:
    assert normalise_mail(typed) == (value, fault)


def test_case_never_makes_two_people() -> None:
    assert mail_key("SAITO.Yuma@MAIL.EXAMPLE") == mail_key("saito.yuma＠mail.example") == "saito.yuma@mail.example"
    assert mail_key("no address") == ""


@pytest.mark.parametrize("fault", list(MailFault))
def test_every_fault_has_a_sentence_that_quotes_what_was_typed(fault: MailFault) -> None:
    assert "「typed」" in str(mail_sentence(fault, "typed"))


@given(st.text(max_size=80) | st.from_regex(r"[^@]{1,20}@[^@]{1,30}"))
def test_a_kept_address_is_stable_and_safe_in_a_header(typed: str) -> None:
    value = normalise_mail(typed).value
    assert value.isascii()
    assert not any(character.isspace() or character in ',;<>"()' for character in value)
    assert normalise_mail(value).value == value
    assert normalise_mail(addr_spec(value)).value == value, "what travels is read as what is kept"
    assert len(value) <= 254


@given(st.from_regex(r"[A-Za-z0-9.+_-]{1,70}@[a-zA-Z0-9.-]{1,70}", fullmatch=True))
def test_a_plain_address_is_read_as_any_other(typed: str) -> None:
    with patch.object(address, "_PLAIN", re.compile("(?!)")):
        reading = normalise_mail(typed)
    assert normalise_mail(typed) == reading
