"""A fact about candidates is added by one declaration and one column, and no room forgets it."""

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parents[3]
FIELDS, MODEL = Path("relay/models/candidate_fields.py"), Path("relay/models/candidates.py")
DECLARATION = '''
    CandidateField(
        "portfolio",
        _l("作品のURL"),
        max_length=300,
        import_words="作品URL ポートフォリオ Portfolio",
        searched=True,
        exported=True,
    ),
)
"""In the order in which forms'''
COLUMN = """
    portfolio: Mapped[str] = mapped_column(String(300), default="")
    reapply: Mapped[Reapply | None]"""


def test_one_declaration_and_one_column_are_all_it_takes(tmp_path: Path) -> None:
    """A copy of Relay with these two changes alone runs tests/web/portal/walk_a_new_fact.py on both databases."""
    for folder in ("relay", "templates", "static", "tests"):
        shutil.copytree(HERE / folder, tmp_path / folder, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(HERE / "pyproject.toml", tmp_path)
    insert(tmp_path / FIELDS, ')\n"""In the order in which forms', DECLARATION)
    insert(tmp_path / MODEL, "\n    reapply: Mapped[Reapply | None]", COLUMN)
    walk = "tests/web/portal/walk_a_new_fact.py"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", walk],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert " passed" in done.stdout


def insert(path: Path, before: str, instead: str) -> None:
    text = path.read_text()
    assert text.count(before) == 1, f"{path} has changed its shape"
    path.write_text(text.replace(before, instead.lstrip("\n") if instead is DECLARATION else instead))
