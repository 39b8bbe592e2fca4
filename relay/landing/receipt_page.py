"""The receipt behind the number of the own page, to print and as a signed file; and the keys that check it (A-11)."""

from flask import Response, current_app, jsonify, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.config import Settings
from relay.extensions import db
from relay.landing import landing, own_session
from relay.landing.arrival import find
from relay.models import TokenPurpose
from relay.network import consent_texts, receipt_json, receipts
from relay.network.receipts import ConsentEnd, ReceiptEntry
from relay.trust import receipt_keys
from relay.web import page

KEYS_KEPT_SECONDS = 3600
"""How long others may keep the public keys before they ask again."""


@landing.get("/me/<token>/receipt")
def receipt_page(token: str) -> AnyResponse:
    """Show everything that was agreed to, with what was given and how it ended; without the number, the own page."""
    profile_id = find(db.session(), token, TokenPurpose.OWN_PAGE).subject_id
    if not own_session.is_inside(db.session(), profile_id):
        return redirect(url_for(".own_page", token=token), 303)
    receipt = receipts.of_profile(db.session(), profile_id)
    return page(
        "landing/receipt.html",
        purpose_words=consent_texts.purpose_words,
        receipt=receipt,
        ends={each.number: _end_words(each) for each in receipt.entries},
        openings=receipts.OPENINGS,
        related=receipts.RELATED,
    )


@landing.get("/me/<token>/receipt.json")
def receipt_file(token: str) -> AnyResponse:
    """Give the same as a signed file; without the number, the own page."""
    profile_id = find(db.session(), token, TokenPurpose.OWN_PAGE).subject_id
    if not own_session.is_inside(db.session(), profile_id):
        return redirect(url_for(".own_page", token=token), 303)
    settings: Settings = current_app.config["RELAY"]
    receipt = receipt_json.written(receipts.of_profile(db.session(), profile_id), settings.base_url)
    response = Response(
        receipt_keys.sign(receipt, receipt_keys.key_of(settings.receipt_key)), mimetype="application/json"
    )
    response.headers["Content-Disposition"] = f"attachment; filename=relay-receipt-{clock.today():%Y%m%d}.json"
    return response


@landing.get(receipt_keys.PATH)
def receipt_public_keys() -> Response:
    """Publish the keys by which receipts are checked, to everybody and for their caches."""
    response = jsonify(receipt_keys.public_keys(current_app.config["RELAY"]))
    response.headers["Cache-Control"] = f"public, max-age={KEYS_KEPT_SECONDS}"
    return response


def _end_words(entry: ReceiptEntry) -> str:
    """Return what the day of the end is called; the words of one that holds are empty."""
    words = {
        ConsentEnd.WITHDRAWN: _("取り消した日時"),
        ConsentEnd.REVOKED: _("提携の終了などで終わった日時"),
        ConsentEnd.EXPIRED: _("期限が過ぎた日時"),
    }
    return words[entry.end] if entry.end else ""
