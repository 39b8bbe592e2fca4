"""The page behind a relay link: what it says, and what it never says (C-19, A-9, B-6, B-13, B-19)."""

from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.web.landing.phone import Phone, mail_link, words


def test_it_names_every_partner_as_the_law_wants(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    page = words(phone.get(path))
    for partner in (cast.tsumugi, cast.manabi):
        assert partner.name in page and partner.address in page and partner.representative in page
    assert cast.tsumugi.license_number in page
    assert cast.acme.name in page
