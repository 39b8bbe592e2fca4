"""Codes that survive the telephone, and tokens that cannot be guessed."""

from relay.tokens import CODE_ALPHABET, keyed_hash, new_code, new_token, parse_code, token_hash


def test_a_code_is_read_back_however_it_was_told() -> None:
    code = new_code()
    assert parse_code(code) == code
    assert parse_code(code.lower().replace("-", " ")) == code
    assert parse_code(code.replace("-", "－")) == code


def test_one_wrong_character_is_noticed() -> None:
    code = new_code()
    body = code.replace("-", "")
    for position in range(7):
        for other in CODE_ALPHABET:
            if other != body[position]:
                wrong = body[:position] + other + body[position + 1 :]
                assert parse_code(wrong) != f"{wrong[:4]}-{wrong[4:]}", (code, wrong)


def test_tokens_differ_and_are_stored_only_as_hashes() -> None:
    first, second = new_token(), new_token()
    assert first != second and len(first) == 43
    assert token_hash(first) != first and len(token_hash(first)) == 64


def test_a_keyed_hash_depends_on_key_purpose_and_value() -> None:
    base = keyed_hash(b"k", "address", "a@x.example")
    assert base == keyed_hash(b"k", "address", "a@x.example")
    assert len({base, keyed_hash(b"l", "address", "a@x.example"), keyed_hash(b"k", "rate", "a@x.example")}) == 2 + 1
