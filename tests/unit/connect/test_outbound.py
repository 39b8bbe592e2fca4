"""Other hosts are called by one way, and no spelling, name or answer makes it call Relay's own network (D-7)."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_network

import pytest
import trustme

from relay.connect.outbound import CallFault, Outbound, OutboundFailed, OutboundRefused
from tests.listening import Listener, Request, listening

HERE, THERE = "127.0.0.2", "127.0.0.3"
NETWORKS = [ip_network(f"{HERE}/32"), ip_network(f"{THERE}/32")]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def everywhere() -> Iterator[Listener]:
    """A server on every address of this machine, IPv4 and IPv6 alike would be called if anybody called."""
    with listening(host="0.0.0.0") as listener:  # noqa: S104  (counts calls to any address)
        yield listener


SPELLED = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "0300.0250.0.1",
    "127.0.0.1.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[ff02::1]",
    "[::ffff:169.254.169.254]",
    "0.0.0.0",  # noqa: S104
    "0",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "localhost",
    "8.8.8.8@127.0.0.1",
    "127.0.0.1#@hook.example",
    "127.0.0.1\\@hook.example",
    "１２７.0.0.1",
    "ⓛocalhost",
    "%31%32%37.0.0.1",
    "127.0.0.1\t",
]


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("host", SPELLED)
def test_no_spelling_of_an_inner_address_is_called(everywhere: Listener, scheme: str, host: str) -> None:
    with pytest.raises(OutboundRefused):
        Outbound().call("POST", f"{scheme}://{host}:{everywhere.port}/")
    assert everywhere.calls == 0


ANSWERS = [
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
    "fe80::1%lo",
    "0.0.0.0",  # noqa: S104
    "169.254.169.254",
    "100.100.100.200",
    "fd00:ec2::254",
]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("others", [[], ["8.8.8.8"]])
def test_no_name_leads_inside(everywhere: Listener, answer: str, others: list[str]) -> None:
    """Beside a public address neither: which of the two is taken must not be a matter of luck."""
    way = Outbound(resolver=lambda _host, _port: [*others, answer])
    with pytest.raises(OutboundRefused):
        way.call("POST", f"https://hook.example:{everywhere.port}/")
    assert everywhere.calls == 0


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hook.example/",
        "file:///etc/passwd",
        "gopher://hook.example:1234/",
        "hook.example/x",
        "https://",
        "https:///x",
        "https://hook.example:0/",
        "https://hook.example:22/",
        "https://hook.example:25/",
        "https://hook.example:99999/",
        "https://user:pass@hook.example/",
        "https://@hook.example/",
        "https://hook.example/a b",
        "https://hook.example/\r\nX: y",
        "https://hook..example/",
        "https://[::1/",
        "https://[8.8.8.8]/",
        "https://hook.example/" + "x" * 2000,
    ],
)
def test_what_is_no_address_of_a_web_server_is_refused(url: str) -> None:
    with pytest.raises(OutboundRefused):
        Outbound(NETWORKS, resolver=lambda _host, _port: [HERE]).check(url)


@pytest.mark.parametrize("url", ["https://hook.example/x?y=1", "https://hook.example:8443", "https://8.8.8.8/"])
def test_an_address_on_the_public_net_is_taken(url: str) -> None:
    assert Outbound().check(url).scheme == "https"


def test_a_name_is_looked_up_once_and_what_was_checked_is_called(
    everywhere: Listener, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    """A resolver that says something else the second time (rebinding) is not asked a second time."""
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return [HERE] if len(asked) == 1 else ["127.0.0.1"]

    with listening(host=HERE, tls=certified(authority, "hook.example")) as hook:
        way = Outbound(NETWORKS, resolver=resolver, tls=trusting)
        assert way.call("POST", f"https://hook.example:{hook.port}/in?x=1", content=b"{}").status == 204
        with pytest.raises(OutboundRefused):
            way.call("POST", f"https://hook.example:{everywhere.port}/")
    (request,) = hook.requests
    assert (request.server_name, request.headers["host"]) == ("hook.example", f"hook.example:{hook.port}")
    assert (request.method, request.path, request.body) == ("POST", "/in?x=1", b"{}")
    assert (len(asked), everywhere.calls) == (2, 0)


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with listening(host=THERE) as other:

        def away(_request: Request) -> tuple[int, dict[str, str], bytes]:
            return 307, {"Location": f"http://{THERE}:{other.port}/"}, b""

        with listening(away, host=HERE) as hook:
            answer = Outbound(NETWORKS).call("POST", f"http://{HERE}:{hook.port}/")
    assert (answer.status, hook.calls, other.calls) == (307, 1, 0)


def test_http_is_for_opened_networks_alone() -> None:
    with listening(host=HERE) as hook, listening() as closed:
        assert Outbound(NETWORKS).call("GET", f"http://{HERE}:{hook.port}/").status == 204
        for url in (f"http://127.0.0.1:{closed.port}/", "http://8.8.8.8/", "http://8.8.8.8:8080/"):
            with pytest.raises(OutboundRefused):
                Outbound(NETWORKS).call("GET", url)
    assert closed.calls == 0


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(host=HERE) as hook, listening() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        Outbound(NETWORKS).call("GET", f"http://{HERE}:{hook.port}/")
    assert (hook.calls, proxy.calls) == (1, 0)


def fault_of(way: Outbound, url: str, **limits: float) -> CallFault:
    with pytest.raises(OutboundFailed) as failed:
        way.call("GET", url, **limits)  # type: ignore[arg-type]
    return failed.value.fault


def test_a_certificate_of_another_name_or_of_nobody_known_is_refused(
    authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    def at_home(_host: str, _port: int) -> list[str]:
        return [HERE]

    with listening(host=HERE, tls=certified(authority, "other.example")) as hook:
        url = f"https://hook.example:{hook.port}/"
        assert fault_of(Outbound(NETWORKS, resolver=at_home, tls=trusting), url) is CallFault.TLS
        right = f"https://other.example:{hook.port}/"
        assert fault_of(Outbound(NETWORKS, resolver=at_home), right) is CallFault.TLS
    assert hook.requests == []


def test_an_answer_that_drips_in_ends_at_the_deadline() -> None:
    with socket.create_server((HERE, 0)) as server:

        def drip() -> None:
            line, _address = server.accept()
            with line:
                line.recv(4096)
                try:
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                    for _byte in range(200):
                        line.sendall(b"x")
                        time.sleep(0.05)
                except OSError:
                    pass

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        url = f"http://{HERE}:{server.getsockname()[1]}/"
        assert fault_of(Outbound(NETWORKS), url, seconds=0.5) is CallFault.TIME
    assert time.monotonic() - began < 3


def test_a_look_up_that_hangs_ends_at_the_deadline() -> None:
    def slow(_host: str, _port: int) -> list[str]:
        time.sleep(3)
        return [HERE]

    began = time.monotonic()
    assert fault_of(Outbound(NETWORKS, resolver=slow), "https://hook.example/", seconds=0.2) is CallFault.TIME
    assert time.monotonic() - began < 2


def test_a_name_that_is_not_known_is_said() -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        raise OSError

    assert fault_of(Outbound(resolver=nobody), "https://hook.example/") is CallFault.NAME
    assert fault_of(Outbound(resolver=lambda _host, _port: []), "https://hook.example/") is CallFault.NAME


def test_nobody_who_listens_and_no_answer_are_told_apart() -> None:
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]
    assert fault_of(Outbound(NETWORKS), f"http://{HERE}:{port}/") is CallFault.CONNECTION
    with listening(lambda _request: (200, {"X": "y"}, b"x"), host=HERE) as hook:
        assert fault_of(Outbound(NETWORKS), f"https://{HERE}:{hook.port}/") is CallFault.TLS


def test_the_next_address_is_tried_where_one_is_dead() -> None:
    with listening(host=THERE) as hook:
        way = Outbound(NETWORKS, resolver=lambda _host, _port: [HERE, THERE])
        assert way.call("GET", f"http://hook.example:{hook.port}/").status == 204


def test_an_answer_is_read_up_to_its_limit() -> None:
    with listening(lambda _request: (200, {"Retry-After": "7"}, b"x" * 3000), host=HERE) as hook:
        answer = Outbound(NETWORKS).call("GET", f"http://{HERE}:{hook.port}/", max_body=1024)
    assert (len(answer.body), answer.whole, answer.headers["retry-after"]) == (1024, False, "7")
