"""Let the real Postfix and Exim of Debian write the delivery-status mails of this folder, in a network of their own.

    apt-get download postfix exim4-base exim4-daemon-light      # and `dpkg -x` each of them into one FOLDER
    unshare --net --mount --uts --pid --fork --kill-child .venv/bin/python tests/samples/bounces/generate.py FOLDER

Needs root and nothing installed. In the namespace stand a name server and a mail server that knows nobody; each mail
goes to an address whose local part names the refusal. Tests read the files and run none of this.
"""

import asyncio
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

HERE = Path(__file__).parent
US = "relay.example"
THEM = ("mail.example", "docomo.ne.jp")
SERVER = "127.0.0.2"
AT_RCPT = {
    "nobody": "550 5.1.1 <nobody@mail.example>: Recipient address rejected: User unknown in local recipient table",
    "bare": "550 no such user here",
    "full": "552 5.2.2 <full@mail.example>: Recipient address rejected: Mailbox is full",
    "denied": "554 5.7.1 <denied@mail.example>: Recipient address rejected: Access denied",
    "ptr": "550 5.7.25 The IP address sending this message does not have a PTR record",
    "sender": "550 5.1.8 <relay@relay.example>: Sender address rejected: Domain not found",
    "later": "450 4.7.1 <later@mail.example>: Recipient address rejected: Greylisted, see you later",
}
AT_END = {
    "spam": "554 5.7.1 Message rejected as spam by Content Filtering.",
    "dmarc": "550 5.7.26 Unauthenticated email from relay.example is not accepted due to domain's DMARC policy.",
    "kyohi": "550 Unknown user kyohi@docomo.ne.jp",
}
RECIPIENTS = (
    *(f"{name}@mail.example" for name in AT_RCPT),
    "spam@mail.example",
    "dmarc@mail.example",
    "kyohi@docomo.ne.jp",
    "hanako@nowhere.example",
)
MAIL = """\
To: {to}
Subject: =?utf-8?b?6YG46ICD57WQ5p6c44Gu44GU6YCj57Wh?=
From: =?utf-8?b?44G/44Gp44KK5bel5qWt?= <relay@relay.example>
Auto-Submitted: auto-generated
Message-ID: {message_id}
Date: Fri, 27 Nov 2026 09:00:00 +0900
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

6YG46ICD57WQ5p6c44Gn44GZ44CCCg==
"""


def message_id(to: str) -> str:
    """Return the Message-ID of the mail to this address: the same in every run."""
    return f"<{to.encode().hex()[:32]:0<32}@relay.example>"


class NobodyHere:
    """A mail server that refuses each address in its own way."""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """Refuse what is refused at once."""
        envelope.rcpt_tos.append(address)
        return AT_RCPT.get(address.partition("@")[0], "250 OK")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Refuse the rest."""
        return AT_END.get(envelope.rcpt_tos[-1].partition("@")[0], "250 OK")


def main(root: Path) -> None:
    """Write a file for each server and address."""
    work = Path(tempfile.mkdtemp(prefix="mta-"))
    work.chmod(0o755)
    _settle_in(root, work)
    threading.Thread(target=_names, daemon=True).start()
    controller = Controller(NobodyHere(), hostname=SERVER, port=25, server_hostname="mx.mail.example")
    controller.start()
    for made in (_by_postfix(root, work / "postfix"), _by_exim(root, work / "exim")):
        for name, data in made.items():
            HERE.joinpath(f"{name}.eml").write_bytes(data)
    controller.stop()
    shutil.rmtree(work)


def _settle_in(root: Path, work: Path) -> None:
    """Give this namespace a loopback, a name, a name server, Postfix's libraries and the users the servers run as."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    socket.sethostname(f"mx.{US}")
    users = "postfix:x:990:990::/:/bin/false\nDebian-exim:x:991:991::/:/bin/false\n"
    groups = "postfix:x:990:\npostdrop:x:992:\nDebian-exim:x:991:\n"
    for name, text in (
        ("passwd", Path("/etc/passwd").read_text() + users),
        ("group", Path("/etc/group").read_text() + groups),
        ("resolv.conf", "nameserver 127.0.0.1\n"),
        ("hosts", f"127.0.0.1 localhost mx.{US}\n"),
    ):
        work.joinpath(name).write_text(text)
        work.joinpath(name).chmod(0o644)
        subprocess.run(["mount", "--bind", work / name, f"/etc/{name}"], check=True)
    cache = work / "ld.so.cache"
    subprocess.run(["ldconfig", "-C", cache, root / "usr/lib/postfix"], check=True)
    subprocess.run(["mount", "--bind", cache, "/etc/ld.so.cache"], check=True)


def _names() -> None:
    """Answer for the domains above, and say of every other that there is none (RFC 1035)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 53))
        while True:
            asked, whom = line.recvfrom(512)
            line.sendto(_answer(asked), whom)


def _answer(asked: bytes) -> bytes:
    labels, at = [], 12
    while asked[at]:
        labels.append(asked[at + 1 : at + 1 + asked[at]].decode())
        at += asked[at] + 1
    name, kind = ".".join(labels).lower(), struct.unpack("!H", asked[at + 1 : at + 3])[0]
    known = name.removeprefix("mx.") in (*THEM, US)
    data = b""
    if known and kind == 15 and not name.startswith("mx."):
        data = struct.pack("!H", 10) + b"\x02mx\xc0\x0c"
    elif known and kind == 1:
        data = socket.inet_aton(SERVER)
    record = b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data if data else b""
    flags = 0x8580 if known else 0x8583
    return asked[:2] + struct.pack("!HHHHH", flags, 1, bool(record), 0, 0) + asked[12 : at + 5] + record


def _by_postfix(root: Path, work: Path) -> dict[str, bytes]:
    conf, queue, boxes = work / "conf", work / "queue", work / "boxes"
    for folder in (conf, queue, boxes, work / "lib"):
        folder.mkdir(parents=True)
    os.chown(work / "lib", 990, 990)
    os.chown(boxes, 990, 990)
    sbin, shared = root / "usr/sbin", root / "usr/lib/postfix"
    settings = {
        "compatibility_level": "3.6",
        "myhostname": f"mx.{US}",
        "mydestination": "",
        "virtual_mailbox_domains": US,
        "virtual_mailbox_base": boxes,
        "virtual_mailbox_maps": f"inline:{{relay@{US}=relay/}}",
        "virtual_uid_maps": "static:990",
        "virtual_gid_maps": "static:990",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "queue_directory": queue,
        "data_directory": work / "lib",
        "command_directory": sbin,
        "daemon_directory": shared / "sbin",
        "shlib_directory": shared,
        "meta_directory": root / "etc/postfix",
        "sendmail_path": sbin / "sendmail",
        "newaliases_path": sbin / "newaliases",
        "mailq_path": sbin / "mailq",
        "setgid_group": "postdrop",
        "alias_maps": "",
        "minimal_backoff_time": "2s",
        "maximal_backoff_time": "2s",
        "queue_run_delay": "2s",
        "maximal_queue_lifetime": "8s",
        "bounce_queue_lifetime": "8s",
        "delay_warning_time": "1s",
        "maillog_file": work / "log",
        "maillog_file_prefixes": work.parent,
    }
    conf.joinpath("main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    master = root.joinpath("usr/share/postfix/master.cf.dist").read_text()
    lines = [line for line in master.splitlines() if "smtpd" not in line]
    conf.joinpath("master.cf").write_text("\n".join(line.replace(" y ", " n ", 0) for line in lines) + "\n")
    here = {"PATH": os.environ["PATH"], "MAIL_CONFIG": str(conf)}
    for name in ("postfix-script", "post-install", "postfix-files", "dynamicmaps.cf"):
        for found in (*root.joinpath("etc/postfix").glob(name), *root.joinpath("usr/share/postfix").glob(name)):
            shutil.copy(found, conf / name)
    for (
        name
    ) in "active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public pid".split():
        queue.joinpath(name).mkdir()
        owner = (0, 0) if name == "pid" else (990, 992 if name in ("maildrop", "public") else 0)
        os.chown(queue / name, *owner)
        queue.joinpath(name).chmod(0o730 if name == "maildrop" else 0o710 if name == "public" else 0o700)
    server = subprocess.Popen([shared / "sbin/master", "-c", conf, "-d"], env=here)
    time.sleep(2)
    for to in RECIPIENTS:
        mail = MAIL.format(to=to, message_id=message_id(to)).encode()
        subprocess.run([sbin / "sendmail", "-C", conf, "-f", f"relay@{US}", to], input=mail, env=here, check=True)
    time.sleep(25)
    server.terminate()
    server.wait()
    return _sorted("postfix", boxes.joinpath("relay/new").iterdir())


def _by_exim(root: Path, work: Path) -> dict[str, bytes]:
    spool, boxes, conf = work / "spool", work / "boxes", work / "exim.conf"
    for folder in (spool, boxes / "new"):
        folder.mkdir(parents=True)
    for folder in (work, spool, boxes, boxes / "new"):
        os.chown(folder, 991, 991)
    conf.write_text(f"""\
primary_hostname = mx.{US}
exim_path = {root}/usr/sbin/exim4
spool_directory = {spool}
log_file_path = {work}/%slog
qualify_domain = {US}
trusted_users = root
delay_warning = 2s
begin routers
own:
  driver = accept
  domains = {US}
  transport = box
others:
  driver = dnslookup
  transport = smtp
  ignore_target_hosts = 127.0.0.1
  no_more
begin transports
box:
  driver = appendfile
  directory = {boxes}
  user = Debian-exim
  create_directory
  maildir_format
smtp:
  driver = smtp
begin retry
later@mail.example * F,4s,1s
* * F,4d,1s
""")
    exim = [root / "usr/sbin/exim4", "-C", conf]
    for to in RECIPIENTS:
        mail = MAIL.format(to=to, message_id=message_id(to)).encode()
        subprocess.run([*exim, "-odf", "-f", f"relay@{US}", to], input=mail, check=True)
    for _run in range(6):
        time.sleep(2)
        subprocess.run([*exim, "-qff"], check=True)
    return _sorted("exim", boxes.joinpath("new").iterdir())


def _sorted(server: str, files: Any) -> dict[str, bytes]:
    """Return the mails by name: the server, and the local part they are about."""
    found: dict[str, bytes] = {}
    for path in sorted(files):
        data = path.read_bytes()
        mail = message_from_bytes(data)
        delayed = "delay" in str(mail["Subject"]).lower() or "Action: delayed" in data.decode()
        for to in RECIPIENTS:
            if message_id(to).encode() in data:
                name = f"{server}-{to.partition('@')[0]}{'-delayed' if delayed else ''}"
                found.setdefault(name, data)
    return found


if __name__ == "__main__":
    asyncio.set_event_loop(asyncio.new_event_loop())
    main(Path(sys.argv[1]).resolve())
