import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { ROUTES } from "../../../contract/routes.ts";
import { DEFAULT_PROJECT } from "../../event/event.ts";
import { parseJson } from "../../event/exact-json.ts";
import { requireScope, sessionCookie, toCsrfToken } from "../access.ts";
import { readBody } from "../body.ts";
import { read, SessionAnswer, SessionBody } from "../schemas.ts";
import type { Grant } from "../tokens.ts";
import type { Route, Services } from "./route.ts";

/** Of a body with a token in it, which anybody may send. */
const SIGN_IN = { bodyBytes: 16_384, inflatedBytes: 16_384 };

/** The page's login: the token goes into a cookie that no script can read. */
export const sessionRoutes: readonly Route[] = [
  {
    ...ROUTES.signIn,
    operation: "signIn",
    scope: "none",
    refusals: ["invalid-token", "expired-token", "revoked-token", "missing-scope", "store-unavailable"],
    summary: "Logs a browser in with a token of scope read.",
    body: SessionBody,
    answer: SessionAnswer,
    async serve(c, services) {
      const { token } = read(SessionBody, parseJson(await readBody(c, SIGN_IN)));
      const grant = requireScope(await services.verify(token), "read");
      const secure = isEncrypted(c);
      setCookie(c, sessionCookie(c), token, {
        httpOnly: true,
        sameSite: "Strict",
        path: "/",
        secure,
        maxAge: 30 * 86_400,
      });
      return c.json(await session(c, services, grant, token));
    },
  },
  {
    ...ROUTES.session,
    operation: "getSession",
    scope: "any",
    summary: "Who is logged in, for which projects, with the CSRF token that changing requests carry.",
    answer: SessionAnswer,
    async serve(c, services) {
      const { grant, token } = await services.access.any(c);
      return c.json(await session(c, services, grant, token));
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

async function session(c: Context, { store }: Services, grant: Grant, token: string) {
  c.header("cache-control", "no-store");
  const projects = grant.projects === "*" ? await store.projects() : grant.projects;
  return {
    actor: grant.actor,
    scopes: grant.scopes,
    projects: projects.length > 0 ? projects : [DEFAULT_PROJECT],
    csrf: toCsrfToken(token),
  };
}
