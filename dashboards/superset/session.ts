import { type HttpError, type Send, sender, untilWell } from "../send.ts";
import type { Target } from "../target.ts";

const MANAGER = "https://api.app.preset.io";

export interface SessionOptions {
  /** Headers of whatever stands before it. */
  headers: Record<string, string>;
  /** Texts that no error may show. */
  hide: string[];
  /** Preset's own API, which gives the tokens for all of its workspaces. */
  manager?: string;
  /** How long one that does not answer may be starting. */
  starting?: { seconds?: number; everyMs?: number };
}

/** The first whose import takes secrets beside the bundle. */
const OLDEST = [6, 1] as const;

/** Logs in as an administrator, or to a workspace of Preset's with a token. */
export function supersetSession(target: Target, options: SessionOptions): Promise<Send> {
  return target.by === "preset" ? presetSession(target, options) : ownSession(target, options);
}

async function presetSession({ url, user, password }: Target, { headers, hide, manager = MANAGER }: SessionOptions) {
  const { body } = await sender(manager, {}, hide)("POST", "/v1/auth/", { name: user, secret: password });
  return sender(url, { ...headers, authorization: `Bearer ${body.payload.access_token}` }, hide);
}

/**
 * Changes need the CSRF token, the session's cookie that it lives in, and over TLS a Referer,
 * beside the bearer's token.
 */
async function ownSession({ url, user, password }: Target, options: SessionOptions): Promise<Send> {
  const { headers, hide } = options;
  const open = sender(url, headers, hide);
  await untilWell(open, "/health", options.starting);
  await requireVersion(open, url);
  const login = { username: user, password, provider: "db", refresh: false };
  const { access_token } = (await open("POST", "/api/v1/security/login", login)).body;
  const known = { ...headers, authorization: `Bearer ${access_token}`, referer: `${url}/` };
  const { body, cookies } = await sender(url, known, hide)("GET", "/api/v1/security/csrf_token/");
  return sender(url, { ...known, cookie: cookies, "x-csrftoken": body.result }, hide);
}

async function requireVersion(open: Send, url: string): Promise<void> {
  const said = await open("GET", "/version").then(
    ({ body }) => String(body.version_string ?? ""),
    (error: HttpError) => (error.status === 404 ? "" : Promise.reject(error)),
  );
  const [major = 0, minor = 0] = said.split(".").map((part) => Number.parseInt(part, 10));
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  const is = said === "" ? "does not say its version" : `is version ${said}`;
  throw new Error(`Superset at ${url} ${is}. Update it: dashboards need ${OLDEST.join(".")} or newer.`);
}
