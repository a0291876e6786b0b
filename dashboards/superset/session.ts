import { type Send, sender, untilWell } from "../send.ts";
import type { Target } from "../target.ts";

const MANAGER = "https://api.app.preset.io";

export interface SessionOptions {
  /** Headers of whatever stands before it. */
  headers: Record<string, string>;
  /** Texts that no error may show. */
  hide: string[];
  /** Preset's own API, which gives the tokens for all of its workspaces. */
  manager?: string;
}

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
async function ownSession({ url, user, password }: Target, { headers, hide }: SessionOptions): Promise<Send> {
  const open = sender(url, headers, hide);
  await untilWell(open, "/health");
  const login = { username: user, password, provider: "db", refresh: false };
  const { access_token } = (await open("POST", "/api/v1/security/login", login)).body;
  const known = { ...headers, authorization: `Bearer ${access_token}`, referer: `${url}/` };
  const { body, cookies } = await sender(url, known, hide)("GET", "/api/v1/security/csrf_token/");
  return sender(url, { ...known, cookie: cookies, "x-csrftoken": body.result }, hide);
}
