import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Stack, startStack } from "../embedded/stack.ts";

const HELP = `npm start -- [options]

Starts PostgreSQL, the API and the live page on this machine, and a sample training that sends to them.

  --port N       the port of the API and the page (default 4080; 0 takes any that is free)
  --data DIR     where the database and the tokens are kept (default .integraviz)
  --no-train     without the sample training
  --help         this text
`;

const { port, data, train } = readOptions();
const ending = new AbortController();
const starting = startStack({ data, port, say: (what) => console.log(what), signal: ending.signal });
let training: ChildProcess | null = null;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
// A terminal that was closed takes no more words, and the database is still to be shut down.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  const stack = await starting;
  if (!ending.signal.aborted) {
    show(stack);
    if (train) training = startTraining();
  }
} catch (error) {
  if (ending.signal.aborted) process.exit(0);
  console.error((error as Error).message);
  process.exit(1);
}

async function end(): Promise<void> {
  if (ending.signal.aborted) return;
  ending.abort();
  console.log("Shutting down.");
  // First the training, so that it can say that it ended.
  await endTraining(training);
  await (await starting).stop();
  process.exit(0);
}

function show({ endpoint: { url, token, sql }, pageUrl, endpointFile }: Stack): void {
  console.log(`
Look    ${pageUrl}
Send    curl ${url}/v1/events -H 'Authorization: Bearer ${token}' \\
          -d '{"run_id": "my-run", "kind": "on_epoch_end", "epoch": 0, "logs": {"loss": 0.4, "accuracy": 0.9}}'
Query   psql '${sql}'
Train   npm run train${data === ".integraviz" ? "" : ` -- --data ${data}`}

All of this is in ${endpointFile}. Ctrl-C ends it; the data stays.
`);
}

function startTraining(): ChildProcess {
  const script = fileURLToPath(new URL("./train.ts", import.meta.url));
  return spawn(process.execPath, ["--import", "tsx", script, "--data", data, "--name", "sample"], {
    // The channel tells it when we are gone, even by kill -9.
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // Ctrl-C is ours to pass on.
    detached: true,
  });
}

async function endTraining(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(timer);
}

function readOptions(): { port: number; data: string; train: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: "4080" },
        data: { type: "string", default: ".integraviz" },
        "no-train": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const port = Number(values.port);
    if (!/^\d+$/.test(values.port) || port > 65_535)
      throw new Error(`--port ${values.port} is not a port. Use a number from 0 to 65535.`);
    return { port, data: values.data, train: !values["no-train"] };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(1);
  }
}
