import { readFileSync } from "node:fs";
import { readSpec } from "../../dashboards/read-spec.ts";
import { standardDashboards } from "../../dashboards/shipped.ts";
import type { DashboardSpec } from "../../dashboards/spec.ts";
import { Mistake } from "../mistake.ts";

/**
 * The dashboards that ship, or those of the files. Throws a Mistake that names the file, the panel
 * and the fix.
 */
export function chosenDashboards(files: readonly string[]): DashboardSpec[] {
  return files.length === 0 ? standardDashboards() : ownDashboards(files);
}

/** Those that ship and those of the files, which take the place of what has their key. */
export function dashboardsWith(files: readonly string[]): DashboardSpec[] {
  const own = ownDashboards(files);
  return [...standardDashboards().filter(({ key }) => own.every((other) => other.key !== key)), ...own];
}

function ownDashboards(files: readonly string[]): DashboardSpec[] {
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
