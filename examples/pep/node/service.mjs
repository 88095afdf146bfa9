// Charts of patients, shown to whom Wardlock allows: a policy enforcement point without a package.
//
//   node service.mjs WARDLOCK-URL CHARTS.json [PORT]
//
// The token that Wardlock knows this service by is in WARDLOCK_TOKEN, if it wants one. Who asks is in the
// fields X-Person and X-Authenticated-At, which stand here for your own sign-in.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { enforce, fulfils } from "./enforce.mjs";

const [wardlock, file, port = "0"] = process.argv.slice(2);
const charts = JSON.parse(readFileSync(file, "utf8"));
const authorization = process.env.WARDLOCK_TOKEN
  ? { Authorization: `Bearer ${process.env.WARDLOCK_TOKEN}` } : {};

/** The reply; null: there is no decision, and that is no permission. */
async function ask(who, chart) {
  try {
    const answer = await fetch(`${wardlock}/access/v1/evaluation`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...authorization },
      body: JSON.stringify({
        subject: { type: "Person", id: who.id },
        action: { name: "view" },
        resource: { type: "Chart", id: chart },
        context: who.purpose ? { purpose: who.purpose } : {},
        options: { obligations: fulfils },
      }),
      signal: AbortSignal.timeout(5000),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function answer(request) {
  const id = request.url.match(/^\/charts\/([\w-]+)$/)?.[1];
  const who = {
    id: request.headers["x-person"] ?? "",
    purpose: request.headers.purpose,
    authenticatedAt: Number(request.headers["x-authenticated-at"] ?? NaN),
  };
  if (request.method !== "GET" || !id || !who.id) return { status: 400, body: { error: "GET /charts/ID" } };
  const reply = await ask(who, id);
  if (reply === null) return { status: 503, body: { error: "no decision could be had" } };
  // What is not there is told to nobody who may not see it.
  const given = enforce(reply, charts[id] ?? {}, who, Date.now() / 1000);
  if (given.status === 200 && !charts[id]) return { status: 404, body: { error: "there is no such chart" } };
  for (const event of given.events ?? []) console.log(JSON.stringify({ ...event, chart: id }));
  return given;
}

const server = createServer(async (request, response) => {
  const { status, headers = {}, body } = await answer(request).catch(
    () => ({ status: 500, body: { error: "it cannot be answered" } }));
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(body));
});
server.listen(Number(port), "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
