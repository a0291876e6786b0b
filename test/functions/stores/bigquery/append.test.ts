import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendTogether, INSERT_BYTES } from "../../../../functions/stores/bigquery/append.ts";
import { type Client, openClient } from "../../../../functions/stores/bigquery/client.ts";
import { openControlCache } from "../../../../functions/stores/bigquery/control.ts";
import { federated } from "../../../stand-ins/bigquery-server.ts";
import { sampleEvent } from "../../event/sample-event.ts";

const login = { project: "p", dataset: "d", views: "v", location: "US", auth: { by: "ambient" } } as const;

let server: Server;
/** Calls of the API that arrived, and what is done with them and with a request for a token. */
const arrived: IncomingMessage[] = [];
let answer: (response: ServerResponse) => void = (response) => response.end("{}");
let giveToken: (give: () => void) => void = (give) => give();

beforeAll(async () => {
  server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/subject") response.end(JSON.stringify({ token: "subject" }));
    else if (request.url === "/token")
      giveToken(() => response.end(JSON.stringify({ access_token: "t", token_type: "Bearer", expires_in: 3_600 })));
    else {
      arrived.push(request);
      answer(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function open(): Client {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return openClient({ ...login, endpoint, auth: { by: "key", key: JSON.stringify(federated(endpoint, "writer")) } });
}

test("a call that is not answered in time is ended", async () => {
  const client = open();
  await client("GET", "/datasets/d", { timeoutMs: 10_000 });
  const closed = new Promise<void>((resolve) => {
    answer = (response) => response.once("close", resolve);
  });
  await expect(client("GET", "/datasets/d", { timeoutMs: 200 })).rejects.toMatchObject({ code: "ETIMEDOUT" });
  await closed;
  answer = (response) => response.end("{}");
});

test("a call that waits for its token too long is never sent", async () => {
  const client = open();
  let give = () => {};
  giveToken = (late) => {
    give = late;
  };
  await expect(client("POST", "/given-up", { json: {}, timeoutMs: 500 })).rejects.toMatchObject({ code: "ETIMEDOUT" });
  giveToken = (now) => now();
  give();
  await client("GET", "/later", { timeoutMs: 10_000 });
  expect(arrived.map(({ url }) => url)).toContain("/bigquery/v2/projects/p/later");
  expect(arrived.map(({ url }) => url)).not.toContain("/bigquery/v2/projects/p/given-up");
});

test("rows of a second request are placed when the first has been answered", async () => {
  let now = 1_000_000;
  const bodies: { received_at: string }[][] = [];
  const client = (async (_method, _path, { json }) => {
    bodies.push((json as { rows: { json: { received_at: string } }[] }).rows.map((row) => row.json));
    now += 8_000_000;
    return {};
  }) as Client;
  const ask = async () => [];
  const text = "x".repeat(INSERT_BYTES / 5);
  const events = Array.from({ length: 9 }, () => sampleEvent({ logs: JSON.stringify({ text }) }));
  const context = { client, login, ask, control: openControlCache(ask, 0), clock: () => now++ };
  const [{ accepted } = { accepted: 0 }] = await appendTogether(context, [events]);
  expect(accepted).toBe(9);
  expect(bodies.map(({ length }) => length)).toEqual([4, 4, 1]);
  const seconds = bodies.map((rows) => [...new Set(rows.map((row) => row.received_at.slice(17, 19)))]);
  expect(seconds).toEqual([["01"], ["09"], ["17"]]);
});
