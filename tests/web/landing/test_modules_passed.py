"""How many modules a relay token passes, from its page to the referral: as many as a reader of the way has to open.

Of the rooms that are about it: the page, the network, and the mail it came by and sends. What every request passes
(guards, tables, text) is not counted. `python -m pytest -s` prints them.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from relay import config
from tests.cast import Cast
from tests.web.landing.phone import Phone, answers, mail_link

ROOMS = ("landing", "network", "mail")
AT_MOST = 20
"""A way that grows is a reason to look at it again."""
Answer = TypeVar("Answer")


def test_a_token_passes_few_modules(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    passed: set[str] = set()
    shown = _watched(lambda: phone.get(path).text, passed)
    told = {"name": "中村 遥", "kana": "なかむら はるか", "phone": "０９０-1234-5678", "desired_role": "経理"}
    answered = _watched(lambda: phone.post(path, answers(shown, cast.tsumugi.id, **told)), passed)
    assert answered.status_code == 303
    listed = "\n".join(sorted(passed))
    print(listed)  # noqa: T201
    assert len(passed) <= AT_MOST, listed


def _watched(act: Callable[[], Answer], passed: set[str]) -> Answer:
    """Return what the act returns; the modules of the rooms in which a function ran are added to `passed`."""
    root = config.ROOT / "relay"

    def called(frame: FrameType, event: str, _value: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(f"{root}/"):
            module = Path(frame.f_code.co_filename).relative_to(root)
            if module.parts[0] in ROOMS:
                passed.add(str(module))

    sys.setprofile(called)
    try:
        return act()
    finally:
        sys.setprofile(None)
