import { type Send, sender, untilWell } from "../send.ts";
import type { Target } from "../target.ts";

/** Logs in; a Metabase that nobody has set up yet is set up with this administrator. */
export async function metabaseSession(
  { url, site, user, password }: Target,
  { headers, hide }: { headers: Record<string, string>; hide: string[] },
): Promise<Send> {
  const open = sender(url, headers, hide);
  await untilWell(open, "/api/health");
  const { body: properties } = await open("GET", "/api/session/properties");
  const { body: session } = properties["has-user-setup"]
    ? await open("POST", "/api/session", { username: user, password })
    : await open("POST", "/api/setup", setup(properties["setup-token"], user, password));
  const send = sender(url, { ...headers, "x-metabase-session": session.id }, hide);
  // Left alone, it takes the address of the first request it met, which was ours from inside.
  if (site !== undefined) await send("PUT", "/api/setting/site-url", { value: site });
  return send;
}

function setup(token: string, email: string, password: string) {
  return {
    token,
    user: { email, password, first_name: "Integraviz", last_name: "Admin" },
    prefs: { site_name: "Integraviz", site_locale: "en" },
  };
}
