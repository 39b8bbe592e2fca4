"""What a file is found to be, and the words found in it, hostile files among them (E-18)."""

from io import BytesIO
from pathlib import Path

import pytest

from relay.candidates.files import kinds, words
from relay.errors import DomainError
from relay.models import FileKind
from tests import papers


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("履歴書.pdf", papers.pdf("a"), FileKind.PDF),
        ("職務経歴書.DOCX", papers.docx("a"), FileKind.DOCX),
        ("一覧.xlsx", papers.xlsx(("a",)), FileKind.XLSX),
        ("免許.jpeg", papers.JPG, FileKind.JPG),
        ("免許.png", papers.PNG, FileKind.PNG),
    ],
)
def test_a_file_is_what_its_ending_and_its_content_say(name: str, content: bytes, kind: FileKind) -> None:
    assert kinds.recognise(name, BytesIO(content)) is kind


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("page.html", papers.HTML, kinds.KindUnknown),
        ("picture.svg", b"<svg/>", kinds.KindUnknown),
        ("履歴書.pdf.exe", papers.pdf("a"), kinds.KindUnknown),
        ("履歴書", papers.pdf("a"), kinds.KindUnknown),
        ("macro.docm", papers.docx("a"), kinds.KindUnknown),
        ("empty.pdf", b"", kinds.Empty),
        ("large.pdf", b"%PDF-" + bytes(10 << 20), kinds.TooLarge),
        ("page.pdf", papers.HTML, kinds.NotWhatItSays),
        ("page.png", papers.HTML, kinds.NotWhatItSays),
        ("hidden.pdf", b"\n" + papers.pdf("a"), kinds.NotWhatItSays),
        ("sheet.docx", papers.xlsx(("a",)), kinds.NotWhatItSays),
        ("just-a-zip.xlsx", papers.zipped({"a.txt": "a"}), kinds.NotWhatItSays),
        ("cut.docx", papers.docx("a")[:200], kinds.NotWhatItSays),
        ("locked.xlsx", papers.OLD_OFFICE, kinds.Locked),
        ("bomb.docx", papers.bomb(), kinds.Overblown),
        ("crowd.docx", papers.crowd(), kinds.Overblown),
        ("out.docx", papers.zipped({"word/document.xml": "x", "../../etc/cron.d/x": "x"}), kinds.Overblown),
        ("macro.docx", papers.zipped({"word/document.xml": "x", "word/vbaProject.bin": "x"}), kinds.Overblown),
    ],
)
def test_what_it_only_claims_to_be_is_refused(name: str, content: bytes, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        kinds.recognise(name, BytesIO(content))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\花子\\履歴書.PDF", "履歴書.pdf"),
        ("履歴書\u202e.pdf", "履歴書.pdf"),
        ("a\r\nX: y.pdf", "a X: y.pdf"),
        (".pdf", "file.pdf"),
        ("長" * 300 + ".pdf", "長" * 150 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name(name: str, shown: str) -> None:
    assert kinds.shown_name(name, FileKind.PDF) == shown


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("pdf", papers.pdf("月次決算を担当")),
        ("docx", papers.docx("職務経歴", "月次決算を担当")),
        ("xlsx", papers.xlsx(("職務経歴", "年"), ("月次決算を担当", "3"))),
    ],
)
def test_the_words_of_a_file_are_found(tmp_path: Path, kind: str, content: bytes) -> None:
    assert "月次決算を担当" in (read(tmp_path, kind, content) or "")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("pdf", b"%PDF-1.4 nothing that can be read"),
        ("docx", papers.quiet_bomb()),
        ("docx", papers.bomb()),
        ("xlsx", papers.zipped({"xl/workbook.xml": "<not"})),
    ],
)
def test_what_cannot_be_read_ends_in_nothing(tmp_path: Path, kind: str, content: bytes) -> None:
    assert not read(tmp_path, kind, content)


def test_a_file_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "PATIENCE", 0.01)
    assert read(tmp_path, "pdf", papers.pdf("a")) is None


def read(folder: Path, kind: str, content: bytes) -> str | None:
    path = folder / "file"
    path.write_bytes(content)
    return words.words_in(path, kind)
