"""Japanese text: cleaning, matching keys, mail, phone, dates, search tokens, and words the law keeps out.

The ground of the house: pure functions; no other room is imported and no database is touched.
"""

from relay.text.address import (
    MailFault,
    MailReading,
    addr_spec,
    mail_domain,
    mail_key,
    mail_sentence,
    mailbox_of,
    mailbox_spellings,
    normalise_mail,
)
from relay.text.dates import DateProblem, parse_date, parse_days, parse_recent_date, wareki
from relay.text.mailed_names import MAILED_NAME_LENGTH, mailed_name
from relay.text.names import clean, clean_block, fold, is_clean, kana_key, name_key, plain_ascii, to_katakana
from relay.text.numbers import typed_number, typed_yen, whole_number, yen_words
from relay.text.page_address import page_address
from relay.text.phone import PhoneFault, PhoneReading, format_phone, normalise_phone, phone_key, phone_sentence
from relay.text.providers import meant_domain
from relay.text.query import QueryProblem, SearchOperator, Term, format_query, parse_query
from relay.text.reading import spelled
from relay.text.search import company_token, index_tokens, partner_token, search_body, tsvector_literal
from relay.text.sensitive import sensitive_words
from relay.text.sentence import Sentence, quoted

__all__ = [
    "MAILED_NAME_LENGTH",
    "DateProblem",
    "MailFault",
    "MailReading",
    "PhoneFault",
    "PhoneReading",
    "QueryProblem",
    "SearchOperator",
    "Sentence",
    "Term",
    "addr_spec",
    "clean",
    "clean_block",
    "company_token",
    "fold",
    "format_phone",
    "format_query",
    "index_tokens",
    "is_clean",
    "kana_key",
    "mail_domain",
    "mail_key",
    "mail_sentence",
    "mailbox_of",
    "mailbox_spellings",
    "mailed_name",
    "meant_domain",
    "name_key",
    "normalise_mail",
    "normalise_phone",
    "page_address",
    "parse_date",
    "parse_days",
    "parse_query",
    "parse_recent_date",
    "partner_token",
    "phone_key",
    "phone_sentence",
    "plain_ascii",
    "quoted",
    "search_body",
    "sensitive_words",
    "spelled",
    "to_katakana",
    "tsvector_literal",
    "typed_number",
    "typed_yen",
    "wareki",
    "whole_number",
    "yen_words",
]
