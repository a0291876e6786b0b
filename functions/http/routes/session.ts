import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { ROUTES } from "../../../contract/routes.ts";
import { DEFAULT_PROJECT } from "../../event/event.ts";
import { parseJson } from "../../event/exact-json.ts";
import { type Caller, requireScope, sessionCookie } from "../access.ts";
import { readBody } from "../body.ts";
import { read, SessionAnswer, SessionBody } from "../schemas.ts";
import { newSessionCookie, SESSION_S, sealSession } from "../session.ts";
import type { Route, Services } from "./route.ts";

/** Of a body with a token in it, which anybody may send. */
const SIGN_IN = { bodyBytes: 16_384, inflatedBytes: 16_384 };

/** The page's login, in two halves: a cookie that no script can read, and what the page keeps. */
export const sessionRoutes: readonly Route[] = [
  {
    ...ROUTES.signIn,
    operation: "signIn",
    scope: "none",
    refusals: ["invalid-token", "expired-token", "revoked-token", "missing-scope", "store-unavailable"],
    summary: "Logs a browser in with a token of scope read: every request then carries the cookie and the CSRF token.",
    body: SessionBody,
    answer: SessionAnswer,
    async serve(c, services) {
      const { token } = read(SessionBody, parseJson(await readBody(c, SIGN_IN)));
      const grant = requireScope(await services.verify(token), "read");
      return c.json(await session(c, services, { grant, token, cookie: newSessionCookie() }));
    },
  },
  {
    ...ROUTES.session,
    operation: "getSession",
    scope: "any",
    summary: "Who is logged in, and for which projects. Renews a session, with a CSRF token to go on with.",
    answer: SessionAnswer,
    async serve(c, services) {
      return c.json(await session(c, services, await services.access.any(c)));
    },
  },
  {
    ...ROUTES.signOut,
    operation: "signOut",
    scope: "any",
    summary: "Logs the browser out.",
    status: 204,
    async serve(c, { access }) {
      await access.any(c);
      deleteCookie(c, sessionCookie(c), { path: "/" });
      return c.body(null, 204);
    },
  },
];

/** Whether the browser's connection is, though TLS may end before this server. */
function isEncrypted(c: Context): boolean {
  const [forwarded] = (c.req.header("x-forwarded-proto") ?? "").split(",");
  return new URL(c.req.url).protocol === "https:" || forwarded?.trim().toLowerCase() === "https";
}

/**
 * A session lasts from here on. It keeps its cookie: what other windows have of it stays good until
 * its own end.
 */
async function session(
  c: Context,
  { store, secrets, now }: Services,
  { grant, token, cookie }: Omit<Caller, "isGood">,
) {
  c.header("cache-control", "no-store");
  const projects = grant.projects === "*" ? await store.projects() : grant.projects;
  return {
    actor: grant.actor,
    scopes: grant.scopes,
    projects: projects.length > 0 ? projects : [DEFAULT_PROJECT],
    ...(cookie === undefined ? {} : { csrf: keep(c, cookie) }),
  };

  function keep(c: Context, cookie: string): string {
    const options = {
      httpOnly: true,
      sameSite: "Strict",
      path: "/",
      maxAge: SESSION_S,
      secure: isEncrypted(c),
    } as const;
    setCookie(c, sessionCookie(c), cookie, options);
    return sealSession({ token, expires: now() + SESSION_S * 1000 }, cookie, secrets[0] as string);
  }
}
