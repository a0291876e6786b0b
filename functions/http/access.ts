import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { Scope } from "../../contract/tokens.ts";
import { DEFAULT_PROJECT } from "../event/event.ts";
import { readProject } from "../event/values.ts";
import { Refusal } from "../refusals/refusal.ts";
import { openSession } from "./session.ts";
import type { Grant, VerifyToken } from "./tokens.ts";

/** Whoever asks, as a token or a session says. */
export interface Caller {
  grant: Grant;
  token: string;
  /** The cookie of a session; absent where the token came by itself. */
  cookie?: string;
  /** Whether the caller may go on asking: the token was not taken back, the session not ended. */
  isGood(): Promise<boolean>;
}

/** Who asks, and for what project. Every route begins with one of these. */
export interface Access {
  /** The grant of the request's token, if it has the scope. */
  grant(c: Context, scope: Scope): Promise<Grant>;
  /** The grant of whatever token the request has. */
  any(c: Context): Promise<Caller>;
}

export interface AccessOptions {
  verify: VerifyToken;
  /** What sessions are sealed with; any of them opens one. */
  secrets: readonly string[];
  now: () => number;
}

export function createAccess({ verify, secrets, now }: AccessOptions): Access {
  const call = async (token: string, session: { cookie?: string; expires?: number } = {}): Promise<Caller> => {
    const { cookie, expires = Number.POSITIVE_INFINITY } = session;
    const check = () => {
      if (expires <= now()) throw new Refusal("expired-token", "The session has ended.", { fix: "Log in again." });
      return verify(token);
    };
    const isGood = async () => {
      try {
        return (await check()) !== null;
      } catch {
        return false;
      }
    };
    return { grant: await check(), token, isGood, ...(cookie === undefined ? {} : { cookie }) };
  };
  const any: Access["any"] = async (c) => {
    const header = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (header !== undefined) return call(header);
    const cookie = getCookie(c, sessionCookie(c));
    if (cookie === undefined) throw new Refusal("missing-token");
    const session = openSession(c.req.header("x-csrf-token") ?? "", cookie, secrets);
    if (session === null) throw new Refusal("missing-csrf-token", undefined, { field: "X-CSRF-Token" });
    return call(session.token, { cookie, expires: session.expires });
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
