"""The words of each kind of webhook, and samples of programs that check the signature (D-8)."""

from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from relay.models import WebhookType
from relay.text.sentence import Sentence

TELLS: dict[str, Sentence] = {
    WebhookType.CANDIDATE_REJECTED.value: _l(
        "画面や一括操作で見送りにしたとき、応募と候補者の番号を送ります。ファイルで取り込んだ結果は知らせません。"
    ),
    WebhookType.REFERRAL_COMPLETED.value: _l(
        "候補者が紹介会社に登録したとき、何件目かだけを送ります。どなたかは知らせません。"
    ),
    WebhookType.CREDIT_EARNED.value: _l("10件目ごとの登録で紹介枠が増えたとき、いまの空きの数を送ります。"),
    WebhookType.INTRODUCTION_ACCEPTED.value: _l("紹介リンクから承諾があったとき、紹介の依頼の番号を送ります。"),
    WebhookType.CONSENT_WITHDRAWN.value: _l(
        "自社への同意（その後のこと、関連会社、次の募集のお知らせ）が終わったとき、候補者の番号と同意の種類を送ります。紹介会社への同意のことは、自社には知らされません。"
    ),
    WebhookType.POSITION_MATCHED.value: _l(
        "お知らせを受け取っている求人に合いそうな方が増えたとき、求人の番号と人数を送ります。"
    ),
    WebhookType.MESSAGE_BOUNCED.value: _l(
        "選考の結果のメールが届かなかったとき、メール・応募・候補者の番号を送ります。"
    ),
}
"""When a message is sent, and what is in it."""


class Sample(NamedTuple):
    """A program that checks a message, in one language."""

    language: str
    code: str


SAMPLES = (
    Sample(
        "Python",
        """import base64, hashlib, hmac
from time import time

def is_from_relay(secret, headers, body):  # body: bytes, as received
    uid, moment = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time() - int(moment)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{uid}.{moment}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(wanted, each) for each in headers["webhook-signature"].split())
""",
    ),
    Sample(
        "Node.js",
        """const { createHmac, timingSafeEqual } = require("node:crypto");

function isFromRelay(secret, headers, body) { // body: Buffer, as received
  const uid = headers["webhook-id"], moment = headers["webhook-timestamp"];
  if (!(Math.abs(Date.now() / 1000 - Number(moment)) <= 300)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const digest = createHmac("sha256", key).update(`${uid}.${moment}.`).update(body).digest("base64");
  const wanted = Buffer.from("v1," + digest);
  return headers["webhook-signature"].split(" ").some((each) => {
    const given = Buffer.from(each);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}
""",
    ),
)
