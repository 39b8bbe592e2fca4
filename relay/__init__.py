"""Relay: the roof. Puts the organisation together; may import everything."""

from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

from flask import Flask, request
from flask.templating import Environment
from flask_babel import Domain, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape
from werkzeug.middleware.proxy_fix import ProxyFix

from relay import config, drawing, line_breaking, web
from relay.access.csrf import csrf_token, exempt_from_cookie_csrf
from relay.access.requests import UploadRequest, before_each_request, note_last_seen
from relay.config import ROOT, Settings
from relay.extensions import babel, csrf, db, htmx, login_manager
from relay.folding import FoldedWords
from relay.identity import sessions
from relay.infra.repeating import Repeating

MEGABYTE = 1024 * 1024
PROBED_AS = ("127.0.0.1", "localhost")
"""Names by which this machine itself asks whether we are well; nobody else's browser knows us so (C-21)."""

_spoken: ContextVar[Any] = ContextVar("relay_translations", default=None)


class PageTemplates(Environment):
    """Templates that share one map of globals: none has globals of its own.

    Jinja lays a map of each template over the common one, and goes through both, name by name, wherever a template
    imports or includes another (`tests.bench.tricks`, pool, first page).
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the common globals, under those that a template is given."""
        return super().make_globals(d) if d else self.globals


class SpokenWords(Domain):
    """The sentences of a request: its language is looked up once (`tests.bench.tricks`, pool, first page)."""

    def get_translations(self) -> Any:
        """Return the sentences of the request's language; outside of requests, of the language of the moment."""
        return _spoken.get() or super().get_translations()


def create_app(settings: Settings | None = None) -> Flask:
    """Create the application of one installation. Raises SettingsRefused when it must not start."""
    settings = settings or config.load()
    app = Flask(
        __name__,
        static_folder=str(ROOT / "static"),
        template_folder=str(ROOT / "templates"),
        instance_path=str(settings.instance.resolve()),
    )
    app.jinja_environment = PageTemplates
    app.config.from_mapping(_flask_settings(settings))
    app.before_request(before_each_request)
    _extend(app, settings)
    app.request_class = UploadRequest  # after the extension for htmx, which sets one of its own
    app.after_request(note_last_seen)
    web.install(app)
    drawing.install(app)
    _surfaces(app, settings)
    _register()
    return app


def _flask_settings(settings: Settings) -> dict[str, Any]:
    return {
        "RELAY": settings,
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,  # an error must not quote a person's values into a log (invariant 12)
            "pool_pre_ping": not settings.database_url.startswith("sqlite"),
        },
        "TRUSTED_HOSTS": [settings.hostname, *PROBED_AS] if settings.https else None,
        "MAX_CONTENT_LENGTH": 10 * MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": 2 * MEGABYTE,
        "MAX_FORM_PARTS": 4000,
        "SESSION_COOKIE_NAME": "__Host-relay" if settings.https else "relay",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_HEADERS": ["X-CSRFToken"],
        "BABEL_DEFAULT_LOCALE": "ja",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Tokyo",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "relay" / "translations"),
        "SEND_FILE_MAX_AGE_DEFAULT": 0 if settings.development else 31536000,
        "TEMPLATES_AUTO_RELOAD": settings.development,
    }


def _extend(app: Flask, settings: Settings) -> None:
    app.wsgi_app = Repeating(app.wsgi_app)  # type: ignore[method-assign]
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    csrf.init_app(app)
    babel.init_app(app)
    _speak(app)
    htmx.init_app(app)
    login_manager.init_app(app)
    login_manager.session_protection = None
    login_manager.user_loader(lambda token: sessions.load(db.session(), token))
    app.jinja_env.filters["phrases"] = lambda text: Markup(line_breaking.breakable(str(text)))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _speak(app: Flask) -> None:
    """Templates and views find their words through one look-up a request; Flask-Babel asks for the language each time.

    `_` replaces Jinja's own, which calls itself twice more for each sentence: a list page says hundreds
    (`tests.bench.tricks`, pool, first page).
    """

    domain = SpokenWords()

    def listen() -> None:
        domain.as_default()
        _spoken.set(get_translations())

    def fall_silent(_error: BaseException | None = None) -> None:
        _spoken.set(None)

    def words() -> Any:
        return _spoken.get() or get_translations()

    @pass_eval_context
    def say(context: EvalContext, text: str, /, **values: Any) -> str:
        said: str = words().ugettext(text)
        if not context.autoescape:
            return said % values if "%" in said else said
        if "%" in said:
            said %= {name: value if type(value) is int else escape(value) for name, value in values.items()}
        return Markup(said)  # noqa: S704  (the sentence is ours, what is put into it escaped)

    app.before_request(listen)
    app.teardown_request(fall_silent)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: words().ugettext(text),
        ngettext=lambda one, many, number: words().ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = say
    app.jinja_env.add_extension(FoldedWords)


def _register() -> None:
    from relay import registry

    registry.register()


def _surfaces(app: Flask, settings: Settings) -> None:
    from relay import api
    from relay.account import account, my_account, token_link
    from relay.agency import agency
    from relay.feeds import feeds
    from relay.health import health
    from relay.landing import landing
    from relay.portal import portal

    for surface in (portal, landing, agency, account, token_link, my_account, feeds, health):
        app.register_blueprint(surface)
    api.install(app)
    for behind_links in (landing, token_link):
        exempt_from_cookie_csrf(behind_links)
    if settings.development:
        from relay.dev import dev

        app.register_blueprint(dev)
    app.context_processor(lambda: {"request_path": request.path, "csrf_token": csrf_token})
