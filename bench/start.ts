import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { publish, round } from "./results.ts";

const QUESTION =
  "Seconds from `npm start`'s process to: the address is printed, the API answers, the first point of the sample training can be read.";

/** Cold: an empty data folder, so that the database is made too. Warm: the same folder again. */
export async function start(): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), "integraviz-start-"));
  const rows: Record<string, string | number>[] = [];
  try {
    for (const how of ["empty data folder", "second start", "third start"])
      rows.push({ start: how, ...(await once(data)) });
  } finally {
    await rm(data, { recursive: true, force: true });
  }
  publish("start", QUESTION, rows);
}

async function once(data: string): Promise<Record<string, number>> {
  const begun = performance.now();
  const seconds = () => round((performance.now() - begun) / 1000);
  const script = new URL("../commands/integraviz.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--import", "tsx", script, "start", "--port", "0", "--data", data], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  const page = await new Promise<URL>((resolve) => {
    child.stdout.on("data", (chunk) => {
      printed += chunk;
      const [, url] = /^Look\s+(\S+)$/m.exec(printed) ?? [];
      if (url !== undefined) resolve(new URL(url));
    });
  });
  const address = seconds();
  const headers = { authorization: `Bearer ${page.hash.slice("#token=".length)}` };
  const ask = async (path: string) => (await fetch(`${page.origin}${path}`, { headers })).json() as Promise<never>;
  await ask("/healthz");
  const answers = seconds();
  const { runs: before } = (await ask("/v1/runs?limit=1000")) as { runs: { run: string }[] };
  const known = new Set(before.map(({ run }) => run));
  for (;;) {
    const { runs } = (await ask("/v1/runs?limit=1000")) as { runs: { run: string }[] };
    const fresh = runs.find(({ run }) => !known.has(run));
    if (fresh !== undefined) {
      const { series } = (await ask(`/v1/series?metric=loss&run=${encodeURIComponent(fresh.run)}`)) as {
        series: unknown[];
      };
      if (series.length > 0) break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const point = seconds();
  child.kill("SIGINT");
  await new Promise((resolve) => child.once("exit", resolve));
  return { "address printed": address, "API answers": answers, "first point": point };
}
