import { writeFileSync } from "node:fs";
import { openAddress, STORES } from "../operations/addresses/store-address.ts";
import { openCheckpoint } from "../operations/copy/checkpoint.ts";
import { type Copied, copyLog } from "../operations/copy/copy-log.ts";
import { isProved, type Verification, verify } from "../operations/copy/verify.ts";
import { DATA_FOLDER } from "../trainer/client/endpoint.ts";
import { type Command, runCommand } from "./terminal/command.ts";
import { progressBar } from "./terminal/progress-bar.ts";

const command: Command = {
  help: `
npm run copy -- --from STORE --to STORE

Copies all events of one store to another and proves that they are all there, by count and hash of every run and every
metric. Runs may go on being written meanwhile. A copy that was stopped goes on where it was; done again, it copies
what is new.

  --from STORE    the source
  --to STORE      the target
  --report FILE   writes what was found as JSON: counts and hashes of every run and metric in both
  --restart       begins at the beginning again
${STORES}
`,
  options: {
    from: { type: "string" },
    to: { type: "string" },
    report: { type: "string" },
    restart: { type: "boolean", default: false },
    data: { type: "string", default: DATA_FOLDER },
  },
  async run({ values }) {
    const from = await openAddress(values.from as string | undefined, "--from");
    try {
      const to = await openAddress(values.to as string | undefined, "--to");
      try {
        const bar = progressBar(process.stderr);
        const checkpoint = openCheckpoint(values.data as string, from.name, to.name);
        if (values.restart) checkpoint.remove();
        else if (checkpoint.read() !== null) bar.say(`Going on from where ${checkpoint.file} says the last copy was.`);
        const copied = await copyLog(from.store, to.store, checkpoint, bar);
        const verified = await verify(from.store, to.store, copied.end, bar);
        bar.say(reportText(from.name, to.name, copied, verified));
        if (values.report !== undefined) {
          const report = { from: from.name, to: to.name, ...copied, ...verified };
          writeFileSync(values.report as string, `${JSON.stringify(report, null, 2)}\n`);
        }
        return isProved(verified) ? 0 : 1;
      } finally {
        await to.store.close();
      }
    } finally {
      await from.store.close();
    }
  },
};

function reportText(from: string, to: string, copied: Copied, verified: Verification): string {
  const count = (n: number, what: string) => `${n.toLocaleString("en")} ${what}`;
  const lines = [
    `${from} -> ${to}`,
    `  copied    ${count(copied.events, "events")}, of which ${count(copied.duplicates, "stood there already")}`,
    `  verified  ${count(verified.events, "events")} of ${count(verified.runs.length, "runs")}, ${count(verified.metrics, "metrics of runs")}`,
    `  hash      ${verified.hash.from} in the source, ${verified.hash.to} in the target${verified.added === 0 ? "" : ` (which has ${count(verified.added, "more events of these runs")})`}`,
  ];
  if (verified.events !== verified.size)
    lines.push(
      `  DIFFERS   the source says that it has ${count(verified.size, "events")}, and gave ${verified.events.toLocaleString("en")}.`,
    );
  if (copied.purged.length > 0)
    lines.push(
      `  REFUSED   ${count(copied.purged.length, "events")} of runs that were purged in the target; such a run takes none any more.`,
    );
  for (const { project, run, missing, different } of verified.differences.slice(0, 20)) {
    const some = (ids: string[]) => ids.slice(0, 3).join(", ");
    lines.push(
      `  DIFFERS   ${project}/${run}: ${missing.length} missing ${some(missing)}; ${different.length} different ${some(different)}`,
    );
  }
  if (verified.differences.length > 0) {
    lines.push(
      `  ${count(verified.differences.length, "runs differ")}. Run it again with --restart; an event that is different in the target stays as it is there.`,
    );
  }
  if (isProved(verified)) lines.push("  Every event of the source is in the target, and says the same.");
  return lines.join("\n");
}

await runCommand(command);
