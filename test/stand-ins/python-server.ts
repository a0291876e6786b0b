import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Made by `npm test` of test/requirements.txt; without it the tests that need it are skipped, counted and named. */
export const PYTHON = fileURLToPath(new URL("../../.venv-test/bin/python", import.meta.url));
export const hasPython = existsSync(PYTHON);
export const NO_PYTHON = "needs .venv-test, which npm test makes where there is a python3";

export interface PythonServer {
  port: number;
  stop(): Promise<void>;
}

/** Starts a script that prints the port it listens on, and ends when its input does. */
export async function startPythonServer(script: URL): Promise<PythonServer> {
  const server = spawn(PYTHON, [fileURLToPath(script)], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  let errors = "";
  server.stderr.on("data", (bytes) => {
    errors = (errors + String(bytes)).slice(-4_000);
  });
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const { value: port } = await Promise.race([lines.next(), ended.then(() => ({ value: undefined }))]);
  if (port === undefined) throw new Error(`${fileURLToPath(script)} did not start: ${errors}`);
  return {
    port: Number(port),
    async stop() {
      server.stdin.end();
      await ended;
    },
  };
}
