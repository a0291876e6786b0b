import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { type BuiltBundle, buildBundle, buildBundles } from "../functions/build.ts";
import { messagesOf } from "../functions/stores/queue/message.ts";
import { type SigningKey, signToken } from "../functions/tokens.ts";
import { type RunningStack, runStack } from "./processes.ts";
import { publish, round } from "./results.ts";

const QUESTION =
  "How large each function bundle is, and how long after Node's own start a fresh process has stored its first event, against a bundle of the plain driver that connects and inserts.";

const RUNS = 15;

/** One way to store an event in a fresh process. */
interface Start {
  name: string;
  file: string;
  /** What `handler` is called with. */
  event(): unknown;
  env: Record<string, string>;
}

/** Size of the bundles; medians of alternated starts, less that of `node -e 0`. */
export async function bundle(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "integraviz-bench-bundle-"));
  const stack = await runStack();
  try {
    const built = await buildBundles(folder);
    const driver = await buildBundle({
      name: "the driver alone",
      contents: 'export { handler } from "./bundle-driver.ts";',
      resolveDir: new URL(".", import.meta.url).pathname,
      path: join(folder, "driver", "index.mjs"),
    });
    const starts = await startsOf(built, driver, stack);
    const times = new Map<string, Took[]>([["node", []], ...starts.map(({ name }) => [name, []] as [string, Took[]])]);
    // One round to warm the file cache, which is not counted.
    for (let turn = 0; turn <= RUNS; turn += 1) {
      const empty = await timed(SAY_CPU, {});
      if (turn > 0) times.get("node")?.push(empty);
      for (const { name, file, event, env } of starts) {
        const took = await timed(scriptOf(file, event()), env);
        if (turn > 0) times.get(name)?.push(took);
      }
    }
    const of = (name: string, what: keyof Took) => {
      const less = (one: string) => median((times.get(one) as Took[]).map((took) => took[what]));
      return less(name) - less("node");
    };
    const rows = [driver, ...built].map(({ name, bytes, gzipped }) => ({
      bundle: name,
      kB: round(bytes / 1000, 1),
      "gzip kB": round(gzipped / 1000, 1),
      ...(times.has(name)
        ? {
            "first event, ms": round(of(name, "ms"), 0),
            "CPU, ms": round(of(name, "cpuMs"), 0),
            "CPU against the driver": `${round(of(name, "cpuMs") / of(driver.name, "cpuMs"), 2)} x`,
          }
        : {}),
    }));
    const own = (what: keyof Took) => round(median((times.get("node") as Took[]).map((took) => took[what])), 0);
    publish("bundle", QUESTION, rows, [
      `Node's own start (an empty script): ${own("ms")} ms, ${own("cpuMs")} ms of CPU, taken off all of these. Medians of ${RUNS} starts each, in turn, to the end of the process; the database is on the same machine.`,
    ]);
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function startsOf(built: BuiltBundle[], driver: BuiltBundle, stack: RunningStack): Promise<Start[]> {
  const { writerUrl, endpoint } = stack;
  const key: SigningKey = { kty: "oct", alg: "HS256", kid: "bench", k: "YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g" };
  const token = await signToken(key, { actor: "bench", projects: "*", scopes: ["ingest"], jti: "bench" });
  const [writer, reader] = [loginOf(writerUrl), loginOf(endpoint.sql)];
  const env = {
    INTEGRAVIZ_STORE: JSON.stringify(writer.login),
    INTEGRAVIZ_READER: JSON.stringify(reader.login),
    INTEGRAVIZ_SECRETS: JSON.stringify({
      store: { password: writer.password },
      reader: { password: reader.password },
      tokenKeys: [key],
    }),
    INTEGRAVIZ_LIMITS: JSON.stringify({ bodyBytes: 4_500_000, seconds: 29, stream: "poll" }),
  };
  const fileOf = (name: string) => built.find((one) => one.name === name)?.path as string;
  return [
    { name: driver.name, file: driver.path, env: {}, event: () => ({ url: writerUrl }) },
    { name: "lambda-postgres", file: fileOf("lambda-postgres"), env, event: () => httpEvent(token) },
    { name: "worker-lambda-postgres", file: fileOf("worker-lambda-postgres"), env, event: batchEvent },
  ];
}

/** As API Gateway hands it over, payload format 2.0. */
function httpEvent(token: string) {
  return {
    version: "2.0",
    rawPath: "/v1/events",
    rawQueryString: "",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    requestContext: { http: { method: "POST" }, domainName: "api.example" },
    body: JSON.stringify({
      run_id: "bench",
      event_id: randomUUID(),
      kind: "on_epoch_end",
      epoch: 0,
      logs: { loss: 1 },
    }),
    isBase64Encoded: false,
  };
}

/** As SQS hands it over. */
function batchEvent() {
  const none = { seq: null, actor: null, step: null, batch: null, createdAt: Date.now() * 1000, sentSkew: null };
  const event = { ...none, project: "default", run: "bench", id: randomUUID(), writer: "", kind: "on_epoch_end" };
  const [body] = messagesOf([{ ...event, epoch: 0, logs: '{"loss":1}' }], { packBytes: 1e6, messageBytes: 1e6 });
  return { Records: [{ messageId: "1", body }] };
}

/** A login as `components/link.ts` has it, and its password. */
function loginOf(url: string) {
  const { hostname, port, pathname, username, password } = new URL(url);
  const place = { host: hostname, port: Number(port), database: pathname.slice(1) };
  return {
    login: { driver: "postgres", ...place, user: username, tls: { mode: "off" } },
    password: decodeURIComponent(password),
  };
}

const SAY_CPU = "const { user, system } = process.cpuUsage(); console.log((user + system) / 1000);";

function scriptOf(file: string, event: unknown): string {
  return `const { handler } = await import(${JSON.stringify(pathToFileURL(file).href)});
    const answer = await handler(${JSON.stringify(event)}, {});
    ${SAY_CPU}
    process.exit((answer?.statusCode ?? 200) === 200 && !answer?.batchItemFailures?.length ? 0 : 1);`;
}

interface Took {
  /** Until the process has ended, well. */
  ms: number;
  /** Of all its threads, which says more than the time on a machine that others use too. */
  cpuMs: number;
}

async function timed(script: string, env: Record<string, string>): Promise<Took> {
  const begun = performance.now();
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`A start ended with ${code}.`);
  return { ms: performance.now() - begun, cpuMs: Number(printed.trim().split("\n").at(-1)) };
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
