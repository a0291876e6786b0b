import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { expect, test, vi } from "vitest";
import type { Run } from "../../../trainer/client/index.ts";
import { type StandIn, until } from "../../stand-ins/api.ts";
import { api, connected, warnings } from "./connected.ts";

/** Runs the cases of ../cases.json, which says what they are made of. */
type Call = [string, ...unknown[]];
type Scripted = { status: number; headers?: Record<string, string> } | { seconds: number } | "cut" | "half" | "garbage";
interface Case {
  name: string;
  only?: string[];
  server?: { script?: Scripted[]; rules?: { refuse_kind?: string; most_events?: number }[]; warnings?: unknown[] };
  do: Call[];
  expect: {
    events?: Record<string, unknown>[];
    stored?: number;
    end?: string;
    warnings?: string[];
    posts?: number;
    seconds?: number;
    undelivered?: number;
    refused?: number;
  };
}

const { cases } = JSON.parse(readFileSync(new URL("../cases.json", import.meta.url), "utf8")) as { cases: Case[] };
const OWN_KINDS = new Set(["on_train_begin", "on_train_end", "tags", "params", "system", "heartbeat"]);

test.each(cases.filter(({ only = ["typescript"] }) => only.includes("typescript")))(
  "$name",
  async (one) => {
    misbehave(api, one.server ?? {});
    const run = connected({ retryMs: 20, maxRetryMs: 100, pollMs: 50 }).run({ id: "case" });
    const clock = vi.spyOn(Date, "now");
    try {
      run.begin();
      for (const call of one.do) await perform(run, call, clock);
      check(one.expect, await run.end());
    } finally {
      clock.mockRestore();
    }
  },
  20_000,
);

/** The stand-in does with the next posts what the script says, one each; rules hold for all. */
function misbehave(api: StandIn, { script = [], rules = [], warnings = [] }: NonNullable<Case["server"]>): void {
  const acts = [...script];
  api.warnings = warnings;
  api.decide = (events) => {
    const act = acts.shift() ?? null;
    if (act === "garbage") return { status: 200, body: "<html>Sign in to the hotel's network</html>" };
    if (act !== null && typeof act === "object") return "seconds" in act ? { afterMs: act.seconds * 1000 } : act;
    for (const { refuse_kind, most_events } of rules) {
      if (events.some(({ kind }) => kind === refuse_kind))
        return { status: 400, body: { detail: "kind is not liked.", fix: "Take another." } };
      if (events.length > (most_events ?? events.length)) return { status: 413, body: { detail: "Too many events." } };
    }
    return act;
  };
}

async function perform(run: Run, [name, ...given]: Call, clock: ReturnType<typeof vi.spyOn>): Promise<void> {
  const [first, second, third] = given.map(decoded) as [never, never, never];
  switch (name) {
    case "log":
      return run.log(first, second);
    case "event":
      return run.event(first, third, second);
    case "params":
    case "tags":
      return run[name](first);
    case "finish":
      await run.end({ status: first ?? "finished" });
      return;
    case "times":
      for (let count = first as number; count > 0; count--) await perform(run, given[1] as Call, clock);
      return;
    case "threads":
      return fromElsewhere(first, given[1] as Call);
    case "stop":
      api.stop("case", first);
      return until(() => run.stopRequested !== null, "the stop is known");
    case "adjust":
      api.adjust("case", first, second);
      return until(() => run.requested(first) === second, "the request is known");
    case "applied":
    case "refused":
      return run[name](first, second, third);
    case "wait":
      return until(() => stored().length >= first, `${first} events arrived`);
    case "wait_for_warning":
      return until(() => warnings.length > 0, "something was said");
    case "clock": {
      const shifted = Date.now() + (first as number) * 1000 - performance.now();
      clock.mockImplementation((() => Math.round(shifted + performance.now())) as never);
      return;
    }
    default:
      throw new Error(`The runner does not know ${name}.`);
  }
}

/** From two worker threads and two processes, each with a client of its own. */
async function fromElsewhere(count: number, [, values, at]: Call): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "integraviz-client-"));
  const client = join(folder, "client.mjs");
  // Plain JavaScript: worker threads do not take a loader over.
  const entryPoints = [fileURLToPath(new URL("../../../trainer/client/index.ts", import.meta.url))];
  await build({ entryPoints, outfile: client, bundle: true, platform: "node", format: "esm", logLevel: "error" });
  const code = (writer: string) => `import(${JSON.stringify(client)}).then(({ connect }) => {
    const client = connect({ url: ${JSON.stringify(api.url)}, token: "secret", provenance: false });
    const run = client.run({ id: "case", writer: "${writer}" });
    for (let n = 0; n < ${count / 4}; n++) run.log(${JSON.stringify(values)}, ${JSON.stringify(at)});
  });`;
  const ends = ["one", "two"].flatMap((name) => [
    once(new Worker(code(`thread ${name}`), { eval: true }), "exit"),
    once(spawn(process.execPath, ["--eval", code(`process ${name}`)], { stdio: "inherit" }), "exit"),
  ]);
  try {
    for (const [exitCode] of await Promise.all(ends)) expect(exitCode).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is written in cases.json for a value of the language. */
function decoded(said: unknown): unknown {
  if (Array.isArray(said)) return said.map(decoded);
  if (typeof said !== "object" || said === null) return said;
  const { $num, $value, ...more } = said as Record<string, unknown>;
  if (typeof $num === "string") return /^-?\d{2,}$/.test($num) ? BigInt($num) : Number($num);
  if ($value === undefined) return Object.fromEntries(Object.entries(said).map(([key, each]) => [key, decoded(each)]));
  const repeated = ([character, times]: [string, number]) => character.repeat(times);
  if (more.text !== undefined) return repeated(more.text as [string, number]);
  if (more.key !== undefined) return { [repeated(more.key as [string, number])]: 1, loss: 1 };
  if ($value === "array") return [1, 2];
  if ($value === "datetime") return new Date(Date.UTC(2026, 0, 31));
  if ($value === "many")
    return Object.fromEntries(Array.from({ length: more.count as number }, (_, n) => [`metric ${n}`, 0.123456789]));
  throw new Error(`The runner does not know the value ${String($value)}.`);
}

/** In the order in which they were logged: by the writer's counter. */
const stored = () => api.events.filter(({ kind }) => !OWN_KINDS.has(kind)).toSorted((a, b) => a.seq - b.seq);

function check(expected: Case["expect"], summary: Awaited<ReturnType<Run["end"]>>): void {
  const { events, end = "finished", warnings: patterns = [], posts = 0, seconds = 0, ...counts } = expected;
  if (events === undefined) expect(stored().length, warnings.join("\n")).toBe(counts.stored);
  else {
    const found = stored() as unknown as Record<string, unknown>[];
    const fields = found.map((event, index) =>
      Object.fromEntries(Object.keys(events[index] ?? {}).map((field) => [field, event[field]])),
    );
    expect(fields).toEqual(events);
  }
  expect(api.events.flatMap(({ kind, logs }) => (kind === "on_train_end" ? [logs?.status] : []))).toEqual([end]);
  const { undelivered = 0, refused = 0 } = counts;
  expect(summary).toMatchObject({ dropped: 0, undelivered, refused });
  expect(warnings.length, warnings.join("\n")).toBe(patterns.length);
  for (const pattern of patterns) expect(warnings).toContainEqual(expect.stringMatching(pattern));
  expect(warnings.some((line) => line.includes("secret"))).toBe(false);
  expect(api.posts.length).toBeGreaterThanOrEqual(posts);
  expect(api.posts.at(-1)!.at - api.posts[0]!.at).toBeGreaterThanOrEqual(seconds * 1000);
}
