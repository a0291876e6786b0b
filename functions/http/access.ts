import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { Scope } from "../../contract/tokens.ts";
import { DEFAULT_PROJECT } from "../event/event.ts";
import { readProject } from "../event/values.ts";
import { Refusal } from "../refusals/refusal.ts";
import type { Grant, VerifyToken } from "./tokens.ts";

/** Who asks, and for what project. Every route begins with one of these. */
export interface Access {
  /** The grant of the request's token, if it has the scope. */
  grant(c: Context, scope: Scope): Promise<Grant>;
  /** The grant of whatever token the request has. */
  any(c: Context): Promise<{ grant: Grant; token: string }>;
}

export function createAccess(verify: VerifyToken): Access {
  const any: Access["any"] = async (c) => {
    const header = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (header !== undefined) return { grant: await verify(header), token: header };
    const cookie = getCookie(c, sessionCookie(c));
    if (cookie === undefined) {
      throw new Refusal("missing-token");
    }
    const grant = await verify(cookie);
    if (!["GET", "HEAD"].includes(c.req.method)) checkCsrf(c, cookie);
    return { grant, token: cookie };
  };
  return {
    any,
    async grant(c, scope) {
      const { grant } = await any(c);
      return requireScope(grant, scope);
    },
  };
}

export function requireScope(grant: Grant, scope: Scope): Grant {
  if (grant.scopes.includes(scope)) return grant;
  throw new Refusal("missing-scope", `The token lacks the scope ${scope}.`, {
    fix: `Use a token with the scope ${scope}; this one has ${grant.scopes.join(", ") || "none"}.`,
  });
}

/** `?project=`, else the token's only project, else the default one. */
export function readProjectQuery(c: Context, grant: Grant): string {
  const asked = c.req.query("project");
  if (asked !== undefined) return requireProject(grant, readProject(asked, "project"));
  return requireProject(grant, homeProject(grant));
}

export function homeProject(grant: Grant): string {
  return grant.projects !== "*" && grant.projects.length === 1 ? (grant.projects[0] as string) : DEFAULT_PROJECT;
}

export function requireProject(grant: Grant, project: string): string {
  if (grant.projects === "*" || grant.projects.includes(project)) return project;
  throw new Refusal("other-project", `The token is not good for the project ${project}.`, {
    field: "project",
    fix: `Use a token for it, or one of ${grant.projects.join(", ")}.`,
  });
}

/** Cookies are shared by all ports of a host, sessions are not. */
export function sessionCookie(c: Context): string {
  const { port } = new URL(c.req.url);
  return port === "" ? "integraviz_session" : `integraviz_session_${port}`;
}

/** Known to whoever may read a session's answer, which no other site can. */
export function toCsrfToken(token: string): string {
  return createHash("sha256").update(`csrf\n${token}`).digest("base64url");
}

function checkCsrf(c: Context, token: string): void {
  const expected = Buffer.from(toCsrfToken(token));
  const given = Buffer.from(c.req.header("x-csrf-token") ?? "");
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new Refusal("missing-csrf-token", "The request lacks the session's CSRF token.", { field: "X-CSRF-Token" });
}
