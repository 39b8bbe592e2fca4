"""The questions about a file: which one, and what only a person can say of it."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectChoice
from wtforms.validators import InputRequired

from relay.intake.planning.plan import Answers, Past
from relay.intake.uploads.preview import Preview
from relay.models import RetentionBasis

YES, NO = "yes", "no"
TAKE, LEAVE = "take", "leave"


class FileForm(FlaskForm):  # type: ignore[misc]
    """Which file."""

    file = FileField(_l("候補者のファイル"), validators=[FileRequired(_l("取り込むファイルを選んでください。"))])


class AnswersForm(FlaskForm):  # type: ignore[misc]
    """Why the people may be kept, what becomes of those past their date, who was told, which words were checked."""

    basis = RadioField(
        _l("この方々の情報を、保管してよい理由"),
        choices=[
            SelectChoice(RetentionBasis.SELECTION.value, _l("選考のためだけに保管している")),
            SelectChoice(RetentionBasis.STATED.value, _l("人材プールでの保管を、応募のときにお伝えしている")),
            SelectChoice(RetentionBasis.CONSENTED.value, _l("人材プールでの保管に、ご本人が同意している")),
        ],
        validators=[InputRequired(_l("3つのうち、あてはまるものを選んでください。"))],
    )
    past = RadioField(
        _l("保管期限を過ぎている方"),
        choices=[
            SelectChoice(Past.KEEP.value, _l("30日だけ保管し、そのあいだに確認する")),
            SelectChoice(Past.LEAVE.value, _l("取り込まない")),
        ],
        default=Past.KEEP.value,
        validators=[InputRequired(_l("どちらかを選んでください。"))],
    )
    told = RadioField(
        _l("見送りの方に、結果はもう伝えましたか"),
        choices=[SelectChoice(YES, _l("はい、伝えました")), SelectChoice(NO, _l("いいえ、これから伝えます"))],
        default=YES,
        validators=[InputRequired(_l("どちらかを選んでください。"))],
    )
    words = RadioField(
        _l("気をつけたい言葉のあるメモとタグ"),
        choices=[
            SelectChoice(LEAVE, _l("これらのメモとタグは取り込まない")),
            SelectChoice(TAKE, _l("1行ずつ確認しました。選考に必要なことだけなので取り込む。")),
        ],
        validators=[InputRequired(_l("どちらかを選んでください。"))],
    )

    def ask_only_what_matters(self, seen: Preview) -> None:
        """Take away the questions this file does not raise."""
        if not seen.any_past:
            del self.past
        if not seen.figures.newly_rejected:
            del self.told
        if not seen.reading.worded:
            del self.words

    def answers(self) -> Answers:
        """Return what was answered, and the default of each question that was not raised."""
        return Answers(
            RetentionBasis(self.basis.data),
            self._said("told", YES) == YES,
            Past(self._said("past", Past.KEEP.value)),
            self._said("words", LEAVE) == TAKE,
        )

    def _said(self, name: str, default: str) -> str:
        field = getattr(self, name, None)
        return str(field.data) if field is not None else default
