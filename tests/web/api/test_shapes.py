"""What no schema allows is refused, and an answer never holds what its own schema forbids."""

import pytest

from tests.web.api.conftest import Program

PERSON = {"name": "見本 一", "basis": "stated"}
TITLE = {"title": "経理"}


@pytest.mark.parametrize("meant", [0, 1, "true", "yes", "0"])
def test_what_could_be_meant_as_true_or_false_is_neither(acme: Program, meant: object) -> None:
    answer = acme("PUT", "/candidates/a-1", json=PERSON | {"words_checked": meant})
    assert answer.status_code == 422
    assert answer.json["errors"] == [{"pointer": "/words_checked", "detail": "trueまたはfalseで指定してください。"}]
    assert acme("PUT", "/candidates/a-1", json=PERSON | {"words_checked": True}).status_code == 201


def test_a_name_with_nul_is_told_without_it(acme: Program) -> None:
    answer = acme("GET", "/candidates?a%00b=1")
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json["errors"]] == ["?a\ufffdb"]


@pytest.mark.parametrize("key", ["", '""', "two words", 'a"b', "é", "k" * 256])
def test_an_idempotency_key_is_as_it_is_described(acme: Program, key: str) -> None:
    answer = acme("POST", "/positions", json=TITLE, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json["code"]) == (400, "idempotency-key-missing")


def test_a_quoted_key_is_the_same_key(acme: Program) -> None:
    bare, quoted = (
        acme("POST", "/positions", json=TITLE, headers={"Idempotency-Key": key}) for key in ("k-1", '"k-1"')
    )
    assert bare.status_code == quoted.status_code == 201
    assert bare.json == quoted.json


def test_a_reference_that_is_too_long_is_nobodys(tsumugi: Program) -> None:
    assert tsumugi("GET", f"/partner/people/{'-' * 21}").status_code == 404
