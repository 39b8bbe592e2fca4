// Walks the whole loop with the types that openapi-typescript makes of the description: address, key, name of a template.
import createClient from "openapi-fetch";
import type { paths } from "./api.mjs";

declare const process: { argv: string[] };
const [baseUrl, key, template] = process.argv.slice(2) as [string, string, string];
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });

function once() {
  return { header: { "Idempotency-Key": crypto.randomUUID() } };
}

function good<Data>(answer: { data?: Data; error?: { code: string; detail: string }; response: Response }): Data {
  if (answer.data === undefined) throw new Error(`${answer.response.status} ${answer.error?.code}: ${answer.error?.detail}`);
  return answer.data;
}

const own = good(await client.GET("/api/v1/key"));
const brought = good(
  await client.PUT("/api/v1/candidates/{candidate_id}", {
    params: { path: { candidate_id: "TS-1" } },
    body: { name: "見本 椿", email: "tsubaki@person.example", basis: "selection" },
  }),
);
const position = good(await client.POST("/api/v1/positions", { params: once(), body: { title: "法務" } }));
const application = good(
  await client.POST("/api/v1/applications", {
    params: once(),
    body: { candidate_id: brought.id, position_id: position.id },
  }),
);
const rejected = await client.POST("/api/v1/rejections", {
  params: once(),
  body: { template, reason: "skills", rejections: [{ application_id: application.id }] },
});
const [told] = good(rejected).data;
const read = good(
  await client.GET("/api/v1/applications/{application_id}", { params: { path: { application_id: application.id } } }),
);
const mails = good(await client.GET("/api/v1/messages", { params: { query: { candidate: brought.id } } }));
const numbers = good(await client.GET("/api/v1/kpis"));
const refused = await client.GET("/api/v1/candidates/{candidate_id}", { params: { path: { candidate_id: "999999" } } });
console.log(
  JSON.stringify({
    kind: own.kind,
    brought: brought.state,
    answered: rejected.response.status,
    told: told?.state,
    status: read.status,
    mails: mails.data.map((each) => each.id === told?.message_id),
    counted: numbers.data.some((each) => each.kind === "rejected" && each.count > 0),
    refused: refused.error?.code,
  }),
);
