/**
 * What is done to a visualizer once it stands: it is shown the storage. Dashboards themselves are
 * to follow here.
 */
import { splitLogin } from "../contract/login.ts";
import { iapHeader } from "./iap.ts";
import { connectStorage as connectMetabase } from "./metabase/connect-storage.ts";
import { metabaseSession } from "./metabase/session.ts";
import { connectStorage as connectSuperset } from "./superset/connect-storage.ts";
import { type SessionOptions, supersetSession } from "./superset/session.ts";
import type { Target } from "./target.ts";

export interface Applied {
  /** The storage's id in the visualizer. */
  database: number;
}

/**
 * Safe to run again: what is there is brought up to date. No error shows a secret, as Pulumi shows
 * and keeps it.
 */
export async function apply(target: Target, options: Partial<SessionOptions> = {}): Promise<Applied> {
  const headers = target.iap === undefined ? {} : await iapHeader(target.iap, target.url);
  const session = { headers, hide: secretsOf(target), ...options };
  if (target.product === "superset") {
    const { id } = await connectSuperset(await supersetSession(target, session), target);
    return { database: id };
  }
  const { id } = await connectMetabase(await metabaseSession(target, session), target);
  return { database: id };
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
