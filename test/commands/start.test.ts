import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Endpoint } from "../../embedded/stack.ts";
import {
  asWriter,
  GatewayEnded,
  type GatewayProcess,
  spawnGateway,
  startGateway,
} from "../embedded/gateway-process.ts";
import { hasPython, NO_PYTHON, PYTHON } from "../stand-ins/python-server.ts";

let data: string;
let gateway: GatewayProcess;
const options = () => ["--no-train", "--port", "0", "--data", data];
const endpoint = (): Endpoint => JSON.parse(readFileSync(join(data, "endpoint.json"), "utf8")) as Endpoint;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "integraviz-start-"));
  gateway = await startGateway(options());
});

afterAll(async () => {
  await gateway.stop();
  await rm(data, { recursive: true, force: true });
});

type Post = (url: string, payloads: object[]) => Promise<unknown>;

const paperClients: Record<string, Post> = {
  fetch: async (url, payloads) => {
    for (const payload of payloads) {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(payload) });
      expect(await answer.json()).toMatchObject({ accepted: 1 });
    }
  },
  // Its own way.
  requests: async (url, payloads) => {
    const program = `import json, sys, requests
for one in json.load(sys.stdin):
    answer = requests.post(sys.argv[1], headers={"Content-Type": "application/json"}, json=one)
    assert answer.json()["accepted"] == 1, answer.text`;
    execFileSync(PYTHON, ["-c", program, url], { input: JSON.stringify(payloads) });
  },
};

describe("npm start", () => {
  test("prints where to look, how to send and how to query; what it prints works", async () => {
    const { url, token, readToken, sql } = endpoint();
    expect(gateway.pageUrl).toBe(`${url}/#token=${readToken}`);
    expect(gateway.output()).toContain(`psql '${sql}'`);
    expect(gateway.output()).toContain(token);
    const page = await fetch(url);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: "ok" });
  });

  test.for(Object.entries(paperClients))(
    "takes what the paper's callback sends, by %s, and raw_link shows it",
    async ([name, post], { skip }) => {
      skip(name === "requests" && !hasPython, NO_PYTHON);
      const { url, token } = endpoint();
      const id = `paper by ${name}`;
      const payloads = [
        { id, description: "on_train_begin", created_at: "2023-08-14 10:00:00.123456" },
        { id, description: "on_epoch_begin", created_at: "2023-08-14 10:00:01.000001" },
        {
          id,
          description: "on_epoch_end",
          created_at: "2023-08-14 10:00:02",
          logs: { loss: 0.5, note: "it's 'quoted'; --" },
        },
        { id, description: "on_epoch_end", created_at: "2023-08-14 10:00:03", logs: { loss: 0.25 }, epoch: 1 },
      ];
      await post(`${url}/?token=${token}`, payloads);
      const { rows } = await sqlAsReader(
        `SELECT description, logs, epoch FROM raw_link WHERE id = '${id}' ORDER BY created_at`,
      );
      expect(rows).toEqual([
        ["on_train_begin", null, null],
        ["on_epoch_begin", null, 0],
        ["on_epoch_end", { loss: 0.5, note: "it's 'quoted'; --" }, 0],
        ["on_epoch_end", { loss: 0.25 }, 1],
      ]);
    },
  );

  test("keeps secrets from other users of the machine", () => {
    for (const file of ["secrets.json", "endpoint.json"]) expect(statSync(join(data, file)).mode & 0o077).toBe(0);
  });

  test("answers no other Host, so that no web page can rebind its name to it", async () => {
    const { url, token } = endpoint();
    const { request } = await import("node:http");
    const status = await new Promise((resolve) => {
      request(`${url}/v1/session`, { headers: { host: "evil.example", authorization: `Bearer ${token}` } }, (answer) =>
        resolve(answer.statusCode),
      ).end();
    });
    expect(status).toBe(421);
  });

  test("hands out the Python client, with the hash that it prints", async () => {
    const answer = await fetch(`${endpoint().url}/integraviz.py`);
    const text = Buffer.from(await answer.arrayBuffer());
    const digest = createHash("sha256").update(text);
    expect(text.toString()).toContain("class Run:");
    expect(gateway.output()).toContain(`/integraviz.py, sha256 ${digest.copy().digest("hex")}`);
    expect(answer.headers.get("repr-digest")).toBe(`sha-256=:${digest.digest("base64")}:`);
  });

  test("is called from elsewhere by the names it is given, by no other, and with a token", async () => {
    const other = await mkdtemp(join(tmpdir(), "integraviz-host-"));
    const names = ["--host", "0.0.0.0", "--allow-host", "gpu-box.lan", "--allow-host", "Other.lan"];
    const open = await startGateway(["--no-train", "--port", "0", "--data", other, ...names]);
    try {
      const { url, readToken } = JSON.parse(readFileSync(join(other, "endpoint.json"), "utf8")) as Endpoint;
      const { port } = new URL(url);
      const { request } = await import("node:http");
      const ask = (host: string, token?: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          const authorization = token && `Bearer ${token}`;
          const headers = { host, ...(authorization && { authorization }) };
          const sent = request(`http://127.0.0.2:${port}/v1/runs`, { headers }, (answer) => resolve(answer.statusCode));
          sent.once("error", reject).end();
        });
      const asked = [
        ask(`gpu-box.lan:${port}`, readToken),
        ask("other.lan", readToken),
        ask("gpu-box.lan"),
        ask("x.lan", readToken),
      ];
      expect(await Promise.all(asked)).toEqual([200, 200, 401, 421]);
      await expect.poll(open.output).toMatch(/Called gpu-box\.lan, other\.lan from elsewhere.*TLS/);
    } finally {
      await open.stop();
      await rm(other, { recursive: true });
    }
  });

  test("a data folder in use is one clear error, and the other goes on", async () => {
    const error = await ended(options());
    expect(error).toMatchObject({ code: 1 });
    expect(error.printed).toMatch(/The data folder .* is in use by another integraviz.*--data/);
    expect((await fetch(`${endpoint().url}/healthz`)).status).toBe(200);
  });

  test("a port in use is one clear error, and nothing is left running", async () => {
    const other = await mkdtemp(join(tmpdir(), "integraviz-port-"));
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const error = await ended(["--no-train", "--port", String(port), "--data", other]);
    server.close();
    expect(error).toMatchObject({ code: 1 });
    expect(error.printed).toContain(
      `Port ${port} is in use by another program. Stop it, or choose another with --port`,
    );
    expect(existsSync(join(other, "postgres", "postmaster.pid"))).toBe(false);
    await rm(other, { recursive: true });
  });

  test.each([
    [
      ["--port", "http"],
      /^error: option '--port <n>' argument 'http' is invalid\. Give a whole number from 0 to 65535\.\n$/,
    ],
    [["--host", "0.0.0.0"], /^error: --host 0\.0\.0\.0 needs --allow-host NAME: .*\n$/],
    [["--allow-host", "http://x.lan"], /^error: option '--allow-host <name>' argument .* without a port\.\n$/],
    [["--prot", "1"], /^error: unknown option '--prot' \(Did you mean --port\?\)\n$/],
  ])("%s is one clear error", async (wrong, message) => {
    expect(await ended(wrong)).toMatchObject({ code: 1, printed: expect.stringMatching(message) });
  });

  test("starts again with the data, tokens and database port it had", async () => {
    const before = endpoint();
    const headers = { authorization: `Bearer ${before.token}` };
    const body = JSON.stringify({ run_id: "kept", event_id: "kept", kind: "on_train_begin" });
    expect((await fetch(`${before.url}/v1/events`, { method: "POST", headers, body })).status).toBe(200);
    await gateway.stop();
    gateway = await startGateway(options());
    expect(endpoint()).toMatchObject({ token: before.token, readToken: before.readToken, sql: before.sql });
    const kept = await asWriter(data, endpoint(), "SELECT event_id FROM events WHERE run_id = 'kept'");
    expect(kept).toEqual([{ event_id: "kept" }]);
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("shuts down in order on %s", async (signal) => {
    expect(await gateway.stop(signal)).toBe(0);
    expect(existsSync(join(data, "postgres", "postmaster.pid"))).toBe(false);
    gateway = await startGateway(options());
  });

  test.each([
    ["makes its files", "initdb.password"],
    ["starts the database", join("postgres", "postmaster.pid")],
  ])("ends on a signal that comes while it %s, and leaves nothing running", async (_, file) => {
    const other = await mkdtemp(join(tmpdir(), "integraviz-early-"));
    const child = spawnGateway(["--no-train", "--port", "0", "--data", other]);
    const ended = once(child, "exit");
    await expect.poll(() => existsSync(join(other, file)), { interval: 1 }).toBe(true);
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    for (const left of ["initdb.password", join("postgres", "postmaster.pid")])
      expect(existsSync(join(other, left)), left).toBe(false);
    await rm(other, { recursive: true });
  });

  test.skipIf(process.platform !== "linux")("ends although its training was killed", async () => {
    const other = await mkdtemp(join(tmpdir(), "integraviz-killed-"));
    const trained = await startGateway(["--port", "0", "--data", other]);
    const training = () => {
      const children = readFileSync(`/proc/${trained.pid}/task/${trained.pid}/children`, "utf8").split(" ");
      return children.find((pid) => pid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0train\0"));
    };
    await expect.poll(training).toBeDefined();
    process.kill(Number(training()), "SIGKILL");
    await expect.poll(training).toBe(undefined);
    expect(await trained.stop()).toBe(0);
    await rm(other, { recursive: true });
  });
});

async function sqlAsReader(sql: string): Promise<{ rows: unknown[][] }> {
  const { url, readToken } = endpoint();
  const answer = await fetch(`${url}/v1/sql`, {
    method: "POST",
    headers: { authorization: `Bearer ${readToken}` },
    body: JSON.stringify({ sql }),
  });
  return (await answer.json()) as { rows: unknown[][] };
}

async function ended(wrong: string[]): Promise<GatewayEnded> {
  try {
    await (await startGateway(wrong)).stop();
  } catch (error) {
    if (error instanceof GatewayEnded) return error;
    throw error;
  }
  throw new Error("It started.");
}
