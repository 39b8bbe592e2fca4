// An app of Zapier for Relay, driven by zapier-platform-core as Zapier drives it. Reads {act, base, key, …} on standard
// input and writes what the act brought, or {refused} with the words that Zapier would show, on the last line.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import zapier from "zapier-platform-core";

const api = (bundle, path) => `${bundle.authData.base}/api/v1${path}`;

async function read(z, url, params = {}) {
  const answer = await z.request({ url, params });
  return answer.data;
}

const withKey = (request, z, bundle) => {
  request.headers.Authorization = `Bearer ${bundle.authData.key}`;
  return request;
};

const authentication = {
  type: "custom",
  fields: [
    { key: "base", label: "RelayのURL", type: "string", required: true },
    { key: "key", label: "APIキー", type: "password", required: true },
  ],
  test: (z, bundle) => read(z, api(bundle, "/key")),
  connectionLabel: "{{name}}",
};

async function subscribe(z, bundle) {
  const answer = await z.request({
    method: "POST",
    url: api(bundle, "/webhooks"),
    headers: { "Idempotency-Key": randomUUID() },
    body: { url: bundle.targetUrl, events: [bundle.inputData.event] },
  });
  return { id: answer.data.id }; // kept by Zapier and given back to unsubscribe
}

async function unsubscribe(z, bundle) {
  const answer = await z.request({ method: "DELETE", url: api(bundle, `/webhooks/${bundle.subscribeData.id}`) });
  return { status: answer.status };
}

async function samples(z, bundle) {
  const found = await read(z, api(bundle, "/webhooks/samples"), { event: bundle.inputData.event });
  return found.data;
}

const happened = {
  key: "happened",
  noun: "できごと",
  display: { label: "できごとがあったとき", description: "選んだできごとがあると、その番号と状態を受け取ります。" },
  operation: {
    type: "hook",
    inputFields: [{ key: "event", label: "できごとの種類", type: "string", required: true }],
    performSubscribe: subscribe,
    performUnsubscribe: unsubscribe,
    performList: samples,
    perform: (z, bundle) => (bundle.cleanedRequest ? [bundle.cleanedRequest] : samples(z, bundle)),
    sample: { type: "credit.earned", timestamp: "2026-11-30T00:00:00.000Z", data: { balance: 1 } },
  },
};

const registered = {
  key: "registered",
  noun: "候補者",
  display: { label: "候補者が登録されたとき", description: "人材プールに加わった候補者を、新しい順に読みます。" },
  operation: {
    perform: async (z, bundle) => (await read(z, api(bundle, "/candidates"))).data,
    sample: { id: "1" },
  },
};

const App = {
  version: "1.0.0",
  platformVersion: "19.1.0",
  authentication,
  beforeRequest: [withKey],
  triggers: { [happened.key]: happened, [registered.key]: registered },
};

const { act, base, key, ...bundle } = JSON.parse(readFileSync(0, "utf8"));
const { test } = authentication;
const { performSubscribe, performUnsubscribe, performList, perform } = happened.operation;
const acts = {
  auth: () => test,
  subscribe: () => performSubscribe,
  unsubscribe: () => performUnsubscribe,
  list: () => performList,
  happened: () => perform,
  registered: () => registered.operation.perform,
};
const run = zapier.createAppTester(App);
try {
  console.log(JSON.stringify(await run(acts[act](), { authData: { base, key }, inputData: {}, ...bundle })));
} catch (error) {
  console.log(JSON.stringify({ refused: error.message }));
}
