import { createHmac } from "node:crypto";
import type pg from "pg";
import { Refusal } from "../../refusals/refusal.ts";
import { openPool, type PoolOptions, type PostgresAddress } from "./connection.ts";

const INSUFFICIENT_PRIVILEGE = "42501";
/** invalid_password, invalid_authorization_specification. */
const REFUSED_LOGINS = new Set(["28P01", "28000"]);

/** What all of them begin with. */
export const PANEL_LOGINS = "integraviz_panel_";

/**
 * The login of a set of projects: a role of its own, whose name and password every gateway derives
 * from the reader's password, so that nothing is kept and a new reader's password makes new roles.
 * The name begins with what tells which password it was.
 */
export function panelLogin(readerPassword: string, projects: readonly string[]): { login: string; password: string } {
  const set = JSON.stringify([...new Set(projects)].sort());
  const digest = (what: string) => createHmac("sha256", readerPassword).update(`${what}\n${set}`).digest("hex");
  return { login: prefixOf(readerPassword) + digest("login").slice(0, 16), password: digest("password") };
}

/** What all logins of a reader's password begin with. */
export function prefixOf(readerPassword: string): string {
  return PANEL_LOGINS + createHmac("sha256", readerPassword).update("reader").digest("hex").slice(0, 8);
}

/** Pools of logins that see some projects only, opened as they are asked for. */
export interface PanelLogins {
  /** Does the work with the pool of these projects, whose role is made where it is missing. */
  use<T>(projects: readonly string[], work: (pool: pg.Pool) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openPanelLogins(writer: pg.Pool, reader: PostgresAddress, options: PoolOptions): PanelLogins {
  const pools = new Map<string, Promise<pg.Pool>>();

  async function open(login: string, password: string, projects: readonly string[]): Promise<pg.Pool> {
    await writer.query("SELECT ensure_panel_login($1, $2, $3)", [login, password, projects]).catch(explain);
    return openPool(loggedInAs(reader, login, password), options);
  }

  async function forget(login: string): Promise<void> {
    const pool = pools.get(login);
    pools.delete(login);
    await pool?.then((one) => one.end()).catch(() => {});
  }

  return {
    async use(projects, work) {
      const secret = passwordOf(reader);
      if (secret === "") throw new Error("The reader's login has no password, which those of single projects hang on.");
      const { login, password } = panelLogin(secret, projects);
      for (let attempt = 1; ; attempt++) {
        let pool = pools.get(login);
        if (pool === undefined) {
          pool = open(login, password, projects);
          pools.set(login, pool);
          pool.catch(() => pools.delete(login));
        }
        try {
          return await work(await pool);
        } catch (error) {
          const gone = REFUSED_LOGINS.has((error as { code?: string }).code ?? "");
          if (!gone || attempt > 1) throw error;
          // Somebody dropped the role.
          await forget(login);
        }
      }
    },
    async close() {
      await Promise.all([...pools.keys()].map(forget));
    },
  };
}

function passwordOf(address: PostgresAddress): string {
  if (typeof address === "string") return decodeURIComponent(new URL(address).password);
  return typeof address.password === "string" ? address.password : "";
}

function loggedInAs(address: PostgresAddress, user: string, password: string): PostgresAddress {
  if (typeof address !== "string") return { ...address, user, password };
  const url = new URL(address);
  url.username = user;
  url.password = password;
  return String(url);
}

function explain(error: unknown): never {
  if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
  throw new Refusal("sql-unavailable", "The database lets nobody make the login that this token needs.", {
    fix: "Give the owner's role CREATEROLE, or use a token for all projects.",
  });
}
