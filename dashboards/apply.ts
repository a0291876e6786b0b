/**
 * What is done to a visualizer once it stands: it is shown the storage, and the dashboards over it.
 */
import { splitLogin } from "../contract/login.ts";
import { customMetrics } from "../functions/stores/custom-metrics.ts";
import { iapHeader } from "./iap.ts";
import { drift as metabaseDrift, provision as provisionMetabase } from "./metabase/provision.ts";
import { metabaseSession } from "./metabase/session.ts";
import type { Provisioned } from "./provisioned.ts";
import { standardDashboards } from "./shipped.ts";
import type { DashboardSpec } from "./spec.ts";
import { drift, provision } from "./superset/provision.ts";
import { type SessionOptions, supersetSession } from "./superset/session.ts";
import type { Target } from "./target.ts";

export interface ApplyOptions extends Partial<SessionOptions> {
  /** By default those that ship, with a chart for each custom metric. */
  specs?: readonly DashboardSpec[];
}

/**
 * Safe to run again: what is there is brought up to date. No error shows a secret, as Pulumi shows
 * and keeps it.
 */
export async function apply(target: Target, options: ApplyOptions = {}): Promise<Provisioned> {
  const session = await sessionFor(target, options);
  const specs = options.specs ?? standardDashboards();
  const metricFiles = new Map(customMetrics().map(({ name, file }) => [name, file]));
  return target.product === "superset"
    ? provision(await supersetSession(target, session), target, specs, metricFiles)
    : provisionMetabase(await metabaseSession(target, session), target, specs, metricFiles);
}

/** What applying would change, and which panels have no data. Nothing is written. */
export async function check(target: Target, options: ApplyOptions = {}): Promise<string[]> {
  const session = await sessionFor(target, options);
  const specs = options.specs ?? standardDashboards();
  return target.product === "superset"
    ? drift(await supersetSession(target, session), target, specs)
    : metabaseDrift(await metabaseSession(target, session, false), target, specs);
}

async function sessionFor(target: Target, options: ApplyOptions): Promise<SessionOptions> {
  const headers = target.iap === undefined ? {} : await iapHeader(target.iap, target.url);
  return { headers, hide: secretsOf(target), ...options };
}

/**
 * As they might be repeated to us: whole, as a URI or base64 writes them, and line by line, as JSON
 * breaks a key.
 */
function secretsOf({ password, reader }: Target): string[] {
  const own = Object.values(splitLogin<unknown>(reader).secrets).map(String);
  return [password, ...own]
    .filter((text) => text !== "")
    .flatMap((text) => [
      text,
      encodeURIComponent(text),
      Buffer.from(text).toString("base64"),
      ...text.split(/\\n|\n/).filter((line) => line.length > 30),
    ]);
}
