import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Both streams. */
  text: string;
}

export const PROGRAM = fileURLToPath(new URL("../../commands/integraviz.ts", import.meta.url));

/** Starts a command as its npm script does. */
export function command(
  name: string,
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const tsx = import.meta.resolve("tsx");
  const child = spawn(process.execPath, ["--import", tsx, PROGRAM, name, ...args], {
    cwd,
    env: { ...process.env, ...env },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, text }));
  });
  return { child, ended };
}
