import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type StandIn, standIn, until } from "./stand-in-api.ts";

let api: StandIn;
beforeEach(async () => {
  api = await standIn();
});
afterEach(() => api.close());

const client = fileURLToPath(new URL("../../trainer/client.ts", import.meta.url));

/** A program that logs one epoch and goes on as `rest` says. */
function program(rest: string) {
  const code = `
    import { connect } from ${JSON.stringify(client)};
    const run = connect({ url: ${JSON.stringify(api.url)}, token: "secret", flushMs: 1e6, provenance: false }).run({ id: "r" });
    run.begin();
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

test("a program that just ends delivers first", async () => {
  const [code] = await program("").ended;
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
