"""Settings: the ways by which other systems work with Relay, each with a page of its own."""

from typing import NamedTuple

from flask import Response
from flask_babel import lazy_gettext as _l

from relay.access.permissions import needs
from relay.portal import portal
from relay.portal.settings.guide_words import GUIDES
from relay.portal.ui.navigation import tab
from relay.text import Sentence
from relay.web import page


class OfferedConnection(NamedTuple):
    """One way, and what it is for."""

    endpoint: str
    name: Sentence
    serves: Sentence


CONNECTIONS = (
    OfferedConnection(
        "portal.settings_api_keys",
        _l("API連携"),
        _l("ほかのシステムやプログラムから、候補者や応募を登録する、結果を送る、数字を読む。"),
    ),
    OfferedConnection(
        "portal.settings_webhooks",
        _l("システムへの通知（Webhook）"),
        _l("見送り、リレー完了、紹介枠などがあったときに、自社のシステムにすぐに知らせる。"),
    ),
    OfferedConnection("portal.settings_herp", _l("HERP連携"), _l("HERP Hireの応募を、決まった時間に取り込む。")),
    OfferedConnection("portal.feeds_index", _l("連携用データ"), _l("スプレッドシートから、月ごとの数を読む。")),
)


@portal.get("/settings/connections")
@needs("settings:write")
@tab(11, _l("連携"))
def settings_connections() -> Response:
    """Show the ways there are, and the guides to other services."""
    return page("portal/settings/connections.html", connections=CONNECTIONS, guides=GUIDES.values())
