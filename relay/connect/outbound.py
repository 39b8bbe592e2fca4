"""The one way by which Relay calls other hosts: addresses that a company or a partner typed, and services of others.

A name is looked up once, every address it has is checked, and what was checked is called; TLS and the Host header keep
the name. There is no redirect, no proxy and no second look-up, and a call ends at its deadline, whatever the other side
does (D-5, D-7, ASVS 1.3.6).
"""

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

import httpcore
from flask import current_app
from flask_babel import lazy_gettext as _l

from relay.config import Settings
from relay.errors import DomainError
from relay.infra.outside import is_outside
from relay.models.labels import Labelled

SECONDS = 15.0
"""How long a call may take in all, from the look-up of the name to the last byte of the answer (D-5)."""
MAX_URL = 2000
"""Characters."""
MAX_BODY = 1_000_000
"""Bytes of an answer that are read, unless the caller says otherwise."""
MAX_ADDRESSES = 4
"""So many addresses of a host are tried."""
FIRST_FREE_PORT = 1024
"""Below it, other services than the web are at home: no call is to be read by them."""

_PRINTABLE = re.compile(r"[!-~]+")
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?")
_NUMERIC = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)\.?")
"""A host whose last part is a number: an IPv4 address in some spelling, for the C library (decimal, octal, hex)."""

Resolver = Callable[[str, int], Iterable[str]]
"""Returns the addresses of a host; raises OSError where it has none."""


class OutboundRefused(DomainError):
    """Raise where an address may not be called; no connection was made."""

    code = "outbound-refused"
    message = _l(
        "このURLには接続できません。https:// で始まる、インターネットに公開されたサーバーのURLを入力してください。"
    )


class CallFault(Labelled):
    """Why a call brought no answer."""

    NAME = "name", _l("サーバーの名前が見つかりませんでした")
    CONNECTION = "connection", _l("サーバーに接続できませんでした")
    TLS = "tls", _l("サーバーの証明書を確認できませんでした")
    TIME = "time", _l("時間内に応答がありませんでした")
    ANSWER = "answer", _l("応答を読み取れませんでした")


class OutboundFailed(DomainError):
    """Raise where a call was allowed and brought no answer."""

    code = "outbound-failed"

    def __init__(self, fault: CallFault) -> None:
        self.fault = fault
        super().__init__(fault.label)


@dataclass(frozen=True)
class OutboundAnswer:
    """The answer of another host; `body` is cut at the limit, and then `whole` is false. Header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True


class CallTarget(NamedTuple):
    """A URL that may be called, if the addresses of its host may."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def address(self) -> httpcore.URL:
        """Return it as the client takes it."""
        return httpcore.URL(scheme=self.scheme, host=self.host.rstrip("."), port=self.port, target=self.path)


def look_up(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Outbound:
    """Calls other hosts. `networks` may be reached though they are private, and by http as well (LAN targets)."""

    def __init__(
        self,
        networks: Iterable[IPv4Network | IPv6Network] = (),
        *,
        resolver: Resolver = look_up,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._networks = tuple(networks)
        self._resolver = resolver
        self._tls = tls or ssl.create_default_context()

    def check(self, url: str) -> CallTarget:
        """Return where a URL leads, by its spelling alone: nothing is looked up. Raises OutboundRefused."""
        parts, port = _read(url)
        host = _host(parts)
        port = port or {"https": 443, "http": 80}.get(parts.scheme, 0)
        usual = port == 443 or port >= FIRST_FREE_PORT or (port == 80 and parts.scheme == "http")
        secure = parts.scheme == "https" or (parts.scheme == "http" and bool(self._networks))
        if not (usual and secure):
            raise OutboundRefused
        if _is_address(host):
            self._check_addresses(parts.scheme, [host])
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return CallTarget(parts.scheme, host, port, path)

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        seconds: float = SECONDS,
        max_body: int = MAX_BODY,
    ) -> OutboundAnswer:
        """Send one request. Raises OutboundRefused before any connection, OutboundFailed where no answer came."""
        target = self.check(url)
        clock = _Countdown(seconds)
        addresses = self._addresses(target, clock)
        whole_headers = [("Host", urlsplit(url).netloc), ("User-Agent", "Relay"), *(headers or {}).items()]
        with httpcore.ConnectionPool(ssl_context=self._tls, network_backend=_Checked(addresses, clock)) as pool:
            try:
                with pool.stream(method, target.address, headers=whole_headers, content=content) as response:
                    body, whole = _read_body(response, max_body)
            except Exception as error:
                raise OutboundFailed(_fault(error)) from error
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return OutboundAnswer(response.status, told, body, whole)

    def _addresses(self, target: CallTarget, clock: "_Countdown") -> list[str]:
        try:
            found = clock.within(partial(self._resolver, target.host, target.port))
        except TimeoutError as error:
            raise OutboundFailed(CallFault.TIME) from error
        except (OSError, UnicodeError) as error:
            raise OutboundFailed(CallFault.NAME) from error
        addresses = list(dict.fromkeys(found))
        if not addresses:
            raise OutboundFailed(CallFault.NAME)
        self._check_addresses(target.scheme, addresses)
        return addresses

    def _check_addresses(self, scheme: str, addresses: Iterable[str]) -> None:
        """One address that may not be called closes the host: which of them is taken must not be a matter of luck."""
        for address in addresses:
            known = any(ip_address(address.partition("%")[0]) in network for network in self._networks)
            if not known and (scheme != "https" or not is_outside(address)):
                raise OutboundRefused


def of_installation() -> Outbound:
    """Return the way out of this installation, with the networks its operator opened (RELAY_OUTBOUND_NETWORKS)."""
    kept: Outbound | None = current_app.extensions.get("relay_outbound")
    if kept is None:
        settings: Settings = current_app.config["RELAY"]
        kept = current_app.extensions["relay_outbound"] = Outbound(settings.outbound_networks)
    return kept


def _read(url: str) -> tuple[SplitResult, int | None]:
    if len(url) > MAX_URL or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise OutboundRefused
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise OutboundRefused from error
    if "@" in parts.netloc or port == 0:
        raise OutboundRefused
    return parts, port


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if _is_address(host) and (":" in host) == ("[" in parts.netloc):
        return host
    if not _NAME.fullmatch(host) or _NUMERIC.fullmatch(host):
        raise OutboundRefused
    return host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _read_body(response: httpcore.Response, most: int) -> tuple[bytes, bool]:
    body = b""
    for part in response.iter_stream():
        body += part
        if len(body) > most:
            return body[:most], False
    return body, True


def _fault(error: Exception) -> CallFault:
    if isinstance(error, (TimeoutError, httpcore.TimeoutException)):
        return CallFault.TIME
    if isinstance(error.__cause__ or error.__context__, ssl.SSLError):
        return CallFault.TLS
    if isinstance(error, (OSError, httpcore.ConnectError)):
        return CallFault.CONNECTION
    if isinstance(error, (httpcore.NetworkError, httpcore.ProtocolError)):
        return CallFault.ANSWER
    raise error


class _Countdown:
    """The time a call has left; every step takes of it."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Return the seconds a step may take. Raises httpcore.ReadTimeout where none are left."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if most is None else min(most, left)

    def within(self, work: Callable[[], Any]) -> Any:
        """Do work that knows no end of its own, such as a look-up; past the deadline nobody waits for it any more."""
        done: Future[Any] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except BaseException as error:
                done.set_exception(error)

        Thread(target=run, daemon=True, name="look-up").start()
        return done.result(self.left())


class _Checked(httpcore.NetworkBackend):
    """Connects to the addresses that were checked, whatever host is asked for; none is looked up here."""

    def __init__(self, addresses: list[str], clock: _Countdown) -> None:
        self._addresses = addresses[:MAX_ADDRESSES]
        self._clock = clock
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """Try one address after the other; each has its part of the time, that a dead one leaves some to the next."""
        *others, last = self._addresses
        for ahead, address in enumerate(others):
            try:
                part = self._clock.left() / (len(self._addresses) - ahead)
                return _Timed(self._inner.connect_tcp(address, port, part), self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return _Timed(self._inner.connect_tcp(last, port, self._clock.left(timeout)), self._clock)


class _Timed(httpcore.NetworkStream):
    """A line on which each step has what is left of the call's time, whatever it asks for."""

    def __init__(self, inner: httpcore.NetworkStream, clock: _Countdown) -> None:
        self._inner = inner
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come."""
        return self._inner.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        self._inner.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        """Close the line."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Encrypt it, for the name of the host."""
        return _Timed(self._inner.start_tls(ssl_context, server_hostname, self._clock.left(timeout)), self._clock)

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the line."""
        return self._inner.get_extra_info(info)
