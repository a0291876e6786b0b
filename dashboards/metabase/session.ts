import { type Send, sender, untilWell } from "../send.ts";
import type { Target } from "../target.ts";

export interface SessionOptions {
  /** Headers of whatever stands before it. */
  headers: Record<string, string>;
  /** Texts that no error may show. */
  hide: string[];
  /** How long one that does not answer may be starting. */
  starting?: { seconds?: number; everyMs?: number };
}

export interface Session {
  send: Send;
  /** The address that its links are made with, as far as it has one. */
  site: string | undefined;
}

/**
 * Before it, a dashboard that is shared lets strangers run SQL (CVE-2026-72899, mended in 0.58 to
 * 0.63 as well); its API is that of 0.64 from here on.
 */
const OLDEST = 64;

/**
 * Logs in as an administrator. One that nobody has set up yet is set up with this administrator,
 * unless nothing may be written: then it is an error.
 */
export async function metabaseSession(
  { url, user, password }: Target,
  { headers, hide, starting }: SessionOptions,
  mayWrite = true,
): Promise<Session> {
  const open = sender(url, headers, hide);
  await untilWell(open, "/api/health", starting);
  const { body: properties } = await open("GET", "/api/session/properties");
  requireVersion(properties.version?.tag, url);
  const isSetUp: boolean = properties["has-user-setup"];
  if (!isSetUp && !mayWrite) throw new Error(`Metabase at ${url} is not set up: apply the dashboards first.`);
  const { body: session } = isSetUp
    ? await open("POST", "/api/session", { username: user, password })
    : await open("POST", "/api/setup", setup(properties["setup-token"], user, password));
  const send = sender(url, { ...headers, "x-metabase-session": session.id }, hide);
  return { send, site: properties["site-url"] ?? undefined };
}

/** v0.64.3 is the free edition of what is v1.64.3 to who pays. */
function requireVersion(tag: string | undefined, url: string): void {
  const number = /^v[01]\.(\d+)/.exec(tag ?? "")?.[1];
  if (number !== undefined && Number(number) >= OLDEST) return;
  const is = number === undefined ? "does not say its version" : `is version ${tag}`;
  throw new Error(`Metabase at ${url} ${is}. Update it: dashboards need 0.${OLDEST} or newer.`);
}

function setup(token: string, email: string, password: string) {
  return {
    token,
    user: { email, password, first_name: "Integraviz", last_name: "Admin" },
    prefs: { site_name: "Integraviz", site_locale: "en" },
  };
}
