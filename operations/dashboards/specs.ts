import { readFileSync } from "node:fs";
import { standardDashboards } from "../../dashboards/apply.ts";
import { readSpec } from "../../dashboards/read-spec.ts";
import type { DashboardSpec } from "../../dashboards/spec.ts";
import { Mistake } from "../mistake.ts";

/**
 * The dashboards that ship, or those of the files. Throws a Mistake that names the file, the panel
 * and the fix.
 */
export function chosenDashboards(files: readonly string[]): DashboardSpec[] {
  if (files.length === 0) return standardDashboards();
  const specs = files.map((file) => readSpec(parsed(file), file));
  const twice = specs.find(({ key }, index) => specs.findIndex((other) => other.key === key) !== index);
  if (twice !== undefined) throw new Mistake(`Two dashboards have the key ${twice.key}: give one another.`);
  return specs;
}

function parsed(file: string): unknown {
  try {
    // Some editors put a byte order mark before it.
    return JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new Mistake(`--spec ${file} cannot be read: ${(error as Error).message}`);
  }
}
