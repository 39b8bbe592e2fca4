"""On a record: files about the person. Taken one by one after a close look, opened only here, each opening logged."""

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import bindparam, select
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import candidate_or_404
from relay.access.markers import accepts_up_to
from relay.access.permissions import needs
from relay.candidates import files
from relay.candidates.files import kinds, store
from relay.errors import DomainError
from relay.extensions import db, short_write
from relay.models import Attachment, Candidate
from relay.portal import portal
from relay.portal.candidates.show import record_page
from relay.text import quoted
from relay.web import FILE_CSP

MAX_UPLOAD = files.MAX_FILES * kinds.LARGEST


@portal.post("/pool/<int:candidate_id>/files")
@needs("pool:write")
@accepts_up_to(MAX_UPLOAD)
def record_file_create(candidate_id: int) -> AnyResponse:
    """Take the files; each that cannot be taken is named with its reason, the others are kept."""
    candidate = candidate_or_404(candidate_id)
    sent = [each for each in request.files.getlist("file") if each.filename]
    if not sent:
        refused = [_("ファイルが選ばれていません。選んでから、もう一度「保存する」を押してください。")]
        return record_page(candidate, status=422, files_refused=refused)
    refused = [sentence for each in sent if (sentence := _keep(candidate, each))]
    db.session.commit()
    kept = len(sent) - len(refused)
    told = ngettext("書類を%(num)s件保存しました", "書類を%(num)s件保存しました", kept) if kept else ""
    if refused:
        return record_page(candidate, status=422, files_refused=refused, files_kept=told)
    flash(told)
    return redirect(url_for("portal.record", candidate_id=candidate_id, _anchor="files"), 303)


@portal.get("/pool/<int:candidate_id>/files/<int:file_id>")
@needs("pool:read")
def record_file(candidate_id: int, file_id: int) -> Response:
    """Send the file itself, to be saved and opened by the program of its kind."""
    file = _file_or_404(candidate_or_404(candidate_id), file_id)
    path = store.path_of(file.stored_as)
    if not path.is_file():
        abort(404)
    with short_write() as session:
        files.note_opened(session, file)
    response = send_file(
        path, mimetype=kinds.MIMETYPES[file.kind], as_attachment=True, download_name=file.name, conditional=False
    )
    response.headers["Content-Security-Policy"] = FILE_CSP
    response.headers["Cache-Control"] = "no-store"
    return response


@portal.post("/pool/<int:candidate_id>/files/<int:file_id>/removal")
@needs("pool:write")
def record_file_remove(candidate_id: int, file_id: int) -> AnyResponse:
    """Delete a file for good."""
    file = _file_or_404(candidate_or_404(candidate_id), file_id)
    files.remove(db.session(), file)
    db.session.commit()
    flash(_("書類を削除しました"))
    return redirect(url_for("portal.record", candidate_id=candidate_id, _anchor="files"), 303)


def _keep(candidate: Candidate, sent: FileStorage) -> str:
    """Keep one file; returns why it was not, if it was not."""
    try:
        files.keep(db.session(), candidate, sent.filename or "", sent.stream, by_user_id=member().user_id)
    except DomainError as refused:
        return _("「%(name)s」は保存していません。%(reason)s", name=quoted(sent.filename or ""), reason=str(refused))
    return ""


_FILE = select(Attachment).where(Attachment.id == bindparam("file"), Attachment.candidate_id == bindparam("person"))


def _file_or_404(candidate: Candidate, file_id: int) -> Attachment:
    return db.session.scalars(_FILE, {"file": file_id, "person": candidate.id}).one_or_none() or abort(404)
