import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type StandIn, standIn, until } from "../../stand-ins/api.ts";

let api: StandIn;
beforeEach(async () => {
  api = await standIn();
});
afterEach(() => api.close());

const client = fileURLToPath(new URL("../../../trainer/client/index.ts", import.meta.url));

/** A program that logs one epoch and goes on as `rest` says. */
function program(rest: string, begin = "run.begin();") {
  const code = `
    import { connect } from ${JSON.stringify(client)};
    const run = connect({ url: ${JSON.stringify(api.url)}, token: "secret", flushMs: 1e6, provenance: false }).run({ id: "r" });
    ${begin}
    run.epochEnd({ epoch: 0 }, { loss: 1 });
    ${rest}
  `;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  return { child, output: () => output, ended: once(child, "exit") as Promise<[number | null, string | null]> };
}

const kinds = () => api.events.map(({ kind }) => kind);

test.each([
  ["a program that just ends delivers first", "run.begin();"],
  ["also what was logged of a run that was never begun", ""],
])("%s", async (_what, begin) => {
  const [code] = await program("", begin).ended;
  expect(code).toBe(0);
  expect(kinds()).toContain("on_epoch_end");
  // Whether the run had come to its end is not known: the client does not make one up.
  expect(kinds()).not.toContain("on_train_end");
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends the program, after the run was ended as stopped", async (signal) => {
  const { child, ended, output } = program('setInterval(() => {}, 1000); console.log("ready");');
  await until(() => output().includes("ready"), "the program runs");
  child.kill(signal);
  expect(await ended).toEqual([null, signal]);
  expect(kinds()).toContain("on_epoch_end");
  expect(api.events.at(-1)).toMatchObject({ kind: "on_train_end", logs: { status: "stopped", reason: signal } });
});

test("a signal that comes while the run ends leaves it time for that", async () => {
  api.decide = () => ({ status: 503 });
  const { child, ended, output } = program('void run.end(); setInterval(() => {}, 1000); console.log("ready");');
  await until(() => output().includes("ready") && api.posts.length > 0, "the run ends");
  child.kill("SIGTERM");
  const refused = api.posts.length;
  await until(() => api.posts.length > refused, "it has another try");
  api.decide = () => null;
  expect(await ended).toEqual([null, "SIGTERM"]);
  expect(api.events.at(-1)).toMatchObject({ kind: "on_train_end", logs: { status: "finished" } });
});

test("a second signal ends the program at once", async () => {
  api.decide = () => ({ status: 503 });
  const { child, ended, output } = program('setInterval(() => {}, 1000); console.log("ready");');
  await until(() => output().includes("ready"), "the program runs");
  child.kill("SIGINT");
  const refused = api.posts.length;
  await until(() => api.posts.length > refused + 1, "it drains");
  const before = Date.now();
  child.kill("SIGINT");
  expect(await ended).toEqual([null, "SIGINT"]);
  // The drain of the first would go on for 5 s.
  expect(Date.now() - before).toBeLessThan(3_000);
});

test("a program that handles the signal itself is left to it", async () => {
  const { child, ended, output } = program(`
    const timer = setInterval(() => {}, 1000);
    process.on("SIGINT", async () => {
      await run.end({ status: "failed" });
      clearInterval(timer);
      process.exitCode = 7;
    });
    console.log("ready");
  `);
  await until(() => output().includes("ready"), "the program runs");
  child.kill("SIGINT");
  expect(await ended).toEqual([7, null]);
  expect(api.events.at(-1)).toMatchObject({ kind: "on_train_end", logs: { status: "failed" } });
});
