import { type ChildProcess, spawn } from "node:child_process";
import { Command, Option } from "@commander-js/extra-typings";
import { DATA_FOLDER } from "../embedded/data-folder.ts";
import type { Stack } from "../embedded/stack.ts";
import { Mistake } from "../operations/mistake.ts";
import { dataOption, examples, jsonOption, printJson } from "./terminal/options.ts";
import { onNpmGone } from "./terminal/parent.ts";
import { fail } from "./terminal/run.ts";
import { frameOrigin, hostName, someText, someTexts, wholeNumber } from "./terminal/values.ts";

const PORT = 4080;
/** How long a training may take to say that it ended, ms. */
const TRAINING_ENDS_MS = 5_000;

interface StartOptions {
  port: number;
  host: string;
  allowHost: string[];
  embedIn: string[];
  spec?: string[] | undefined;
  data: string;
  train: boolean;
  json?: boolean | undefined;
}

export const start = new Command("start")
  .summary("bring up PostgreSQL, the API and the page on this machine")
  .description(
    "Starts PostgreSQL, the API and the live page on this machine, and a sample training that sends to them. Ctrl-C ends it; the data stays.",
  )
  .addOption(
    new Option("--port <n>", "port of the API and the page; 0 takes any that is free")
      .argParser(wholeNumber(0, 65_535))
      .default(PORT),
  )
  .addOption(
    new Option("--host <address>", "address to listen on; 0.0.0.0 is every one of this machine")
      .argParser(someText)
      .default("127.0.0.1"),
  )
  .addOption(
    new Option("--allow-host <name>", "a name by which it is called from elsewhere; any other is refused")
      .argParser(hostName)
      .default([] as string[], "none"),
  )
  .addOption(
    new Option("--embed-in <origin>", "whose notebooks may show a run's charts, beside those of this machine")
      .argParser(frameOrigin)
      .default([] as string[], "none"),
  )
  .option("--spec <file...>", "dashboards of your own as JSON, which the page shows beside those that ship", someTexts)
  .addOption(dataOption("where the database and the tokens are kept"))
  .option("--no-train", "leave out the sample training")
  .addOption(jsonOption("print where it answers as JSON, once it does"))
  .addHelpText(
    "after",
    examples(
      ["integraviz start", "the page is at the address that is printed"],
      ["integraviz start --host 0.0.0.0 --allow-host gpu-box.lan", "other machines too, by that name"],
      ["integraviz start --embed-in https://hub.example.org", "charts in notebooks of a JupyterHub"],
      ["integraviz start --spec own.json", "a dashboard of your own on the page, beside those that ship"],
      ["integraviz start --port 8000 --data ~/runs --no-train", "another port and folder, no sample training"],
    ),
  )
  .action(serve);

async function serve({ port, host, allowHost, embedIn, spec = [], data, train, json }: StartOptions): Promise<void> {
  const say = json ? (what: string) => console.error(what) : (what: string) => console.log(what);
  // A terminal that was closed takes no more words, and the database is still to be shut down.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const { isLoopback } = await import("../embedded/loopback.ts");
  const { startStack } = await import("../embedded/stack.ts");
  if (!isLoopback(host) && allowHost.length === 0)
    throw new Mistake(`--host ${host} needs --allow-host NAME: by which name do others call this machine?`);
  const own = spec.length > 0 && (await import("../operations/dashboards/specs.ts")).dashboardsWith(spec);
  const ending = new AbortController();
  const starting = startStack({
    data,
    port,
    host,
    allowHosts: allowHost,
    embedIn,
    say,
    signal: ending.signal,
    ...(own && { specs: own }),
  });
  let training: ChildProcess | null = null;
  const end = async () => {
    if (ending.signal.aborted) return;
    ending.abort();
    say("Shutting down.");
    // First the training, so that it can say that it ended.
    await endTraining(training);
    await (await starting).stop();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  onNpmGone(end);
  try {
    const stack = await starting;
    if (ending.signal.aborted) return;
    if (json) printJson({ ...stack.endpoint, page: stack.pageUrl, endpointFile: stack.endpointFile });
    else show(stack, data, allowHost);
    if (train) training = startTraining(data, { quiet: json === true });
  } catch (error) {
    if (!ending.signal.aborted) fail(error);
    process.exit();
  }
}

function show(stack: Stack, data: string, names: string[]): void {
  const { endpoint, pageUrl, endpointFile, clientHash } = stack;
  const { url, token, sql } = endpoint;
  const elsewhere = `Called ${names.join(", ")} from elsewhere, with a token all the same. Put TLS in front: this is in the clear.\n`;
  console.log(`
Look    ${pageUrl}
Send    curl ${url}/v1/events -H 'Authorization: Bearer ${token}' \\
          -d '{"run_id": "my-run", "kind": "on_epoch_end", "epoch": 0, "logs": {"loss": 0.4, "accuracy": 0.9}}'
Query   psql '${sql}'
Train   ${trainLine(data)}
Python  ${url}/integraviz.py, sha256 ${clientHash}
${names.length === 0 ? "" : `\n${elsewhere}`}
All of this is in ${endpointFile}. Ctrl-C ends it; the data stays.
`);
}

/** What to type for another training: in a clone npm has the commands. */
function trainLine(data: string): string {
  const isClone = process.env.npm_lifecycle_event === "start";
  if (data === DATA_FOLDER) return isClone ? "npm run train" : "npx integraviz train";
  return `${isClone ? "npm run train --" : "npx integraviz train"} --data ${data}`;
}

/** Starts the sample training as this program's other command. */
function startTraining(data: string, { quiet }: { quiet: boolean }): ChildProcess {
  const program = [...process.execArgv, process.argv[1] as string];
  return spawn(process.execPath, [...program, "train", "--data", data, "--name", "sample"], {
    // The channel tells it when we are gone, even by kill -9.
    stdio: ["ignore", quiet ? process.stderr : "inherit", "inherit", "ipc"],
    // Ctrl-C is ours to pass on.
    detached: true,
  });
}

async function endTraining(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), TRAINING_ENDS_MS);
  await ended;
  clearTimeout(timer);
}
