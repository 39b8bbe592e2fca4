"""Signatures of receipts: the pairs of RFC 8785, the vectors of RFC 8037, and two libraries that have to agree."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK, JWKSet
from jwcrypto.jws import JWS

from relay.config import ROOT
from relay.errors import DomainError
from relay.trust import receipt_keys
from tests.conftest import make_settings

SECRET = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
"""The private half of the key in RFC 8037, A.1."""
PUBLIC = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
"""A.2: the public half."""
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
SIGNED = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)
"""A.4 and A.5: a text signed with it."""
PAIRS = {
    "arrays": ('[56, {"d": true, "10": null, "1": [ ]}]', '[56,{"1":[],"10":null,"d":true}]'),
    "french": (
        '{"peach": "This sorting order", "péché": "is wrong according to French",'
        ' "pêche": "but canonicalization MUST", "sin": "ingnore locale"}',
        '{"peach":"This sorting order","péché":"is wrong according to French",'
        '"pêche":"but canonicalization MUST","sin":"ingnore locale"}',
    ),
    "structures": (
        r'{"1": {"f": {"f": "hi","F": 5} ,"\n": 56.0}, "10": { }, "": "empty", "a": { }, "111": [ {"e": "yes",'
        r' "E": "no" } ], "A": { }}',
        r'{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}',
    ),
    "unicode": (r'{"Unnormalized Unicode":"A\u030a"}', '{"Unnormalized Unicode":"A\u030a"}'),
    "values": (
        r'{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        r' "string": "\u20ac$\u000F\u000aA'
        r"'\u0042\u0022\u005c\\\"\/"
        r'", "literals": [null, true, false]}',
        r'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        r'"string":"€$\u000f\nA'
        r"'B\"\\\\\"/"
        r'"}',
    ),
    "weird": (
        r'{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",'
        r' "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",'
        r' "\u00f6": "Latin Small Letter O With Diaeresis"}',
        r'{"\r":"Carriage Return","1":"One",'
        '"\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign",'
        '"\U0001f600":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    ),
}
"""RFC 8785, 3.2.2 and 3.2.3, and the pairs its appendix F refers to."""
NUMBERS = {
    "0000000000000000": "0", "8000000000000000": "0", "0000000000000001": "5e-324", "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308", "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992", "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000", "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23", "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000", "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21", "3eb0c6f7a0b5ed8c": "9.999999999999997e-7", "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332", "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333", "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343", "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}  # fmt: skip
"""RFC 8785, appendix B: a double by its bits, and how it is written."""
RECEIPT = {"dct:created": "2026-11-29T03:00:00Z", "名": "髙橋 花子😀", "entries": [{"b": 1, "a": []}, {}]}


@pytest.mark.parametrize("name", PAIRS)
def test_the_canonical_form_is_that_of_rfc_8785(name: str) -> None:
    written, form = PAIRS[name]
    assert receipt_keys.canonical(json.loads(written)).decode() == form


def test_numbers_are_written_as_rfc_8785_lists_them() -> None:
    doubles = [struct.unpack(">d", bytes.fromhex(bits))[0] for bits in NUMBERS]
    assert receipt_keys.canonical(doubles).decode() == f"[{','.join(NUMBERS.values())}]"


def test_keys_and_their_names_are_those_of_rfc_8037() -> None:
    key = receipt_keys.key_of(SECRET)
    assert key.as_dict(private=False) == PUBLIC | {"kid": THUMBPRINT, "use": "sig", "alg": "EdDSA"}
    assert key.as_dict(private=True)["d"] == SECRET


def test_the_text_of_rfc_8037_is_signed_and_checked_as_there() -> None:
    key = receipt_keys.key_of(SECRET)
    assert jws.serialize_compact({"alg": "EdDSA"}, b"Example of Ed25519 signing", key, algorithms=["EdDSA"]) == SIGNED
    assert jws.deserialize_compact(SIGNED, key, algorithms=["EdDSA"]).payload == b"Example of Ed25519 signing"


def by_joserfc(file: bytes) -> None:
    """As anybody does it who has the file, the public keys and this library."""
    content = json.loads(file)
    keys = KeySet.import_key_set(_published())  # type: ignore[arg-type]
    payload = rfc8785.dumps(content["receipt"])
    jws.deserialize_compact(content["signature"], keys, algorithms=["EdDSA"], payload=payload)


def by_jwcrypto(file: bytes) -> None:
    content = json.loads(file)
    signature = JWS()
    signature.deserialize(content["signature"])
    key = JWKSet.from_json(json.dumps(_published())).get_key(json.loads(signature.objects["protected"])["kid"])
    if not isinstance(key, JWK):
        raise JWException("no such key")
    signature.verify(key, detached_payload=rfc8785.dumps(content["receipt"]))


@pytest.mark.parametrize("check", [by_joserfc, by_jwcrypto])
def test_a_receipt_verifies_by_either_library_and_one_changed_byte_fails(check: Callable[[bytes], None]) -> None:
    file = receipt_keys.sign(RECEIPT, receipt_keys.key_of(SECRET))
    check(file)
    passed = []
    for place in range(len(file)):
        for bit in (1, 2, 32):
            altered = file[:place] + bytes([file[place] ^ bit]) + file[place + 1 :]
            try:
                check(altered)
            except (ValueError, KeyError, JoseError, JWException, rfc8785.CanonicalizationError):
                continue
            passed.append(place)
    last_letter = len(file) - 3
    assert set(passed) <= {last_letter}, "of the signature's last letter four bits say nothing; Relay refuses them too"


def test_relay_itself_takes_no_changed_byte_and_says_what_is_wrong() -> None:
    public = _published()
    file = receipt_keys.sign(RECEIPT, receipt_keys.key_of(SECRET))
    assert receipt_keys.verify(file, public) == RECEIPT
    for place in range(len(file)):
        for bit in (1, 2, 32):
            with pytest.raises(DomainError):
                receipt_keys.verify(file[:place] + bytes([file[place] ^ bit]) + file[place + 1 :], public)
    with pytest.raises(receipt_keys.ReceiptAltered):
        receipt_keys.verify(file.replace("花子".encode(), "華子".encode()), public)


def test_another_layout_of_the_same_content_is_the_same_receipt() -> None:
    file = receipt_keys.sign(RECEIPT, receipt_keys.key_of(SECRET))
    laid_out = json.dumps(dict(reversed(json.loads(file).items())), indent=2, ensure_ascii=True).encode()
    assert receipt_keys.verify(laid_out, _published()) == RECEIPT


def test_an_earlier_key_still_verifies_and_an_unknown_one_is_named_as_such(make: Callable[..., Any]) -> None:
    old, new = make(receipt_key=SECRET), "A" * 43
    file = receipt_keys.sign(RECEIPT, receipt_keys.key_of(old.receipt_key))
    rotated = receipt_keys.public_keys(make(receipt_key=new, receipt_key_fallbacks=SECRET))
    assert [each["kid"] == THUMBPRINT for each in rotated["keys"]] == [False, True]
    assert not any("d" in each for each in rotated["keys"])
    assert receipt_keys.verify(file, rotated) == RECEIPT
    with pytest.raises(receipt_keys.ReceiptKeyUnknown):
        receipt_keys.verify(file, receipt_keys.public_keys(make(receipt_key=new)))


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"receipt":{},"signature":"x"}',
        b'{"receipt":{},"signature":"e30..AA"}',
        b'{"receipt":{},"signature":"W10..AA"}',
        b'{"receipt":{"a":NaN},"signature":"e30..AA"}',
        b'{"receipt":{"a":"\\ud800"},"signature":"e30..AA"}',
        b'{"receipt":{"a":123456789012345678901234567890},"signature":"e30..AA"}',
        '{"receipt":{},"signature":"あ"}'.encode(),
        b'{"receipt":{"a":1,"a":2},"signature":"e30..AA"}',
        b'{"receipt":{},"signature":"eyJhbGciOiJub25lIn0.."}',
        b" " * (receipt_keys.MAX_SIZE + 1),
    ],
)
def test_what_is_no_receipt_is_refused_in_a_sentence(file: bytes) -> None:
    with pytest.raises(receipt_keys.ReceiptUnreadable):
        receipt_keys.verify(file, _published())


@pytest.mark.parametrize("public", [[], {}, {"keys": 1}, {"keys": [{"kty": "OKP"}]}, "x", None])
def test_what_holds_no_keys_is_refused_in_a_sentence(public: Any) -> None:
    with pytest.raises(receipt_keys.ReceiptKeysUnreadable):
        receipt_keys.verify(receipt_keys.sign(RECEIPT, receipt_keys.key_of(SECRET)), public)


def _published() -> dict[str, Any]:
    """The key set of RFC 8037's key, as it is published."""
    return {"keys": [OKPKey.import_key(PUBLIC | {"kid": THUMBPRINT}).as_dict(private=False)]}


@pytest.fixture
def make(tmp_path: Any) -> Callable[..., Any]:
    return lambda **values: make_settings(tmp_path, **values)


def test_the_lines_of_the_readme_check_a_receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    Path("relay-keys.json").write_text(json.dumps(_published()), encoding="utf-8")
    receipt = Path("relay-receipt.json")
    receipt.write_bytes(receipt_keys.sign(RECEIPT, receipt_keys.key_of(SECRET)))
    exec(lines, {})  # noqa: S102  (our own paper)
    receipt.write_bytes(receipt.read_bytes().replace("花子".encode(), "華子".encode()))
    with pytest.raises(JoseError):
        exec(lines, {})  # noqa: S102
