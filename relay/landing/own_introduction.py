"""The own page's way to an introduction link: its page opens with the registered facts typed in.

The link is brought here because the number was given here: neither the introduction's page nor a typed address ever
shows what is registered (C-25).
"""

from urllib.parse import urlsplit

from flask import Response, request
from flask_babel import gettext as _

from relay.extensions import db
from relay.landing import landing
from relay.landing.introduction_page import filled_in
from relay.landing.own_page import inside, show
from relay.network import corrections
from relay.text import clean, format_phone

MAX_TYPED = 500
TOLD = ("name", "kana", "email", "phone")
"""The registered items that the company of an introduction is told, once the person says yes."""


@landing.post("/me/<token>/introduction")
def own_introduction(token: str) -> Response:
    """Open the introduction behind the link that was pasted, with the registered facts in its form."""
    session, profile_id = db.session(), inside(token).subject_id
    typed = clean(request.form.get("link", ""))[:MAX_TYPED]
    written = corrections.facts(session, profile_id)
    written["phone"] = format_phone(written["phone"])
    opened = filled_in(urlsplit(typed).path.rstrip("/").rpartition("/")[2], {each: written[each] for each in TOLD})
    if opened is not None:
        return opened
    trouble = _(
        "この紹介リンクは、いまは使えません。ご登録の内容は、どこにも伝えていません。リンクの全体を貼り付けたことを"
        "ご確認のうえ、紹介会社にお問い合わせください。"
    )
    return show(profile_id, status=422, introduction_trouble=trouble, introduction_link=typed)
