"""On a record: the related companies that may be told of the person, the file for one, and a word taken back (A-48)."""

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.getters import candidate_or_404
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.errors import DomainError
from relay.extensions import db
from relay.models import RelatedEnd
from relay.network import related_consents
from relay.portal import portal
from relay.portal.candidates.show import record_page
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import long_day
from relay.text.spreadsheet import csv_utf8


@portal.post("/pool/<int:candidate_id>/related/<int:consent_id>/file")
@needs("pool:export")
@fresh
def record_related_file(candidate_id: int, consent_id: int) -> AnyResponse:
    """Record the provision, and send the file with what the related company is told; nothing where the word ended."""
    candidate, session = candidate_or_404(candidate_id), db.session()
    try:
        told = related_consents.tell(session, candidate.company_id, candidate_id, consent_id, member().user_id)
    except DomainError as refused:
        session.rollback()
        return record_page(candidate_or_404(candidate_id), status=422, related_refused=str(refused))
    company = own_company()
    beside = (
        (_("提供した会社"), company.name),
        (_("提供した会社の住所"), company.address),
        (_("提供した会社の代表者"), company.representative),
        (_("提供先"), told.recipient),
        (_("ご本人の同意の日"), long_day(told.consented_at)),
        (_("提供の日"), long_day(clock.now())),
    )
    file = b"".join(csv_utf8(zip(*(*told.values, *beside), strict=True)))
    session.commit()
    response = Response(file, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="relay-{clock.today():%Y%m%d}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


@portal.post("/pool/<int:candidate_id>/related/<int:consent_id>/end")
@needs("pool:write")
def record_related_end(candidate_id: int, consent_id: int) -> AnyResponse:
    """Note that the person took the word back; doing it twice changes nothing."""
    candidate = candidate_or_404(candidate_id)
    related_consents.end(db.session(), candidate.company_id, candidate_id, consent_id, RelatedEnd.HEARD)
    db.session.commit()
    flash(_("関連会社に知らせることへの同意を終わらせました。"))
    return redirect(url_for("portal.record", candidate_id=candidate_id), 303)
