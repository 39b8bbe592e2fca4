// Reads {secret, headers, body, id, moment} on standard input; verifies the headers with standardwebhooks, and signs.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const { secret, headers, body, id, moment } = JSON.parse(readFileSync(0, "utf8"));
const webhook = new Webhook(secret);
let verified = true;
try {
  webhook.verify(body, headers);
} catch {
  verified = false;
}
console.log(JSON.stringify({ verified, signature: webhook.sign(id, new Date(moment * 1000), body) }));
