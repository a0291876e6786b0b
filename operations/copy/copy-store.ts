import type { OpenedStore } from "../addresses/store-address.ts";
import type { OnProgress } from "../progress.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type Copied, copyLog } from "./copy-log.ts";
import { isProved, type Verification, verify } from "./verify.ts";

/** What was copied, and what comparing both stores found. */
export interface CopyReport extends Copied, Verification {
  /** The source, without secrets. */
  from: string;
  /** The target, without secrets. */
  to: string;
}

/** Copies all events of one store to another, then reads both and compares them. */
export async function copyStore(
  from: OpenedStore,
  to: OpenedStore,
  checkpoint: Checkpoint,
  onProgress: OnProgress,
): Promise<CopyReport> {
  const copied = await copyLog(from.store, to.store, checkpoint, onProgress);
  const verified = await verify(from.store, to.store, copied.end, onProgress);
  return { from: from.name, to: to.name, ...copied, ...verified };
}

const RUNS_SHOWN = 20;
const IDS_SHOWN = 3;

/** Writes a report for people. */
export function copyReportText(report: CopyReport): string {
  const lines = [...outcomeLines(report), ...faultLines(report)];
  if (isProved(report)) lines.push("  Every event of the source is in the target, and says the same.");
  return lines.join("\n");
}

const count = (n: number, what: string) => `${n.toLocaleString("en")} ${what}`;

function outcomeLines({ from, to, duplicates, events, runs, metrics, hash, added }: CopyReport): string[] {
  const more = added === 0 ? "" : ` (which has ${count(added, "more events of these runs")})`;
  return [
    `${from} -> ${to}`,
    `  verified  ${count(events, "events")} of ${count(runs.length, "runs")}, ${count(metrics, "metrics of runs")}; ${count(duplicates, "stood there already")}`,
    `  hash      ${hash.from} in the source, ${hash.to} in the target${more}`,
  ];
}

function faultLines({ events, size, purged, differences }: CopyReport): string[] {
  const lines: string[] = [];
  if (events !== size)
    lines.push(
      `  DIFFERS   the source says that it has ${count(size, "events")}, and gave ${events.toLocaleString("en")}.`,
    );
  if (purged.length > 0)
    lines.push(
      `  REFUSED   ${count(purged.length, "events")} of runs that were purged in the target; such a run takes none any more.`,
    );
  const some = (ids: string[]) => ids.slice(0, IDS_SHOWN).join(", ");
  for (const { project, run, missing, different } of differences.slice(0, RUNS_SHOWN))
    lines.push(
      `  DIFFERS   ${project}/${run}: ${missing.length} missing ${some(missing)}; ${different.length} different ${some(different)}`,
    );
  if (differences.length > 0)
    lines.push(
      `  ${count(differences.length, "runs differ")}. Run it again with --restart; an event that is different in the target stays as it is there.`,
    );
  return lines;
}
