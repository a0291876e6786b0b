import pg from "pg";
import type { Roles } from "../../../contract/environment.ts";
import { EnvironmentError } from "../../adapters/environment.ts";
import type { Passwords } from "../deployed.ts";
import { clientOf, type PostgresAddress } from "./connection.ts";
import { PANEL_LOGINS, prefixOf } from "./panel-logins.ts";
import { READER_CONNECTIONS, readerLimits } from "./reader-limits.ts";

const GROUPS = { writer: "integraviz_writer", reader: "integraviz_reader" } as const;
/**
 * duplicate_object, unique_violation: another migration was quicker, perhaps of another database of
 * the same server.
 */
const IS_THERE = new Set(["42710", "23505"]);

/**
 * The roles that the grants are made to. Nobody logs in as them but where they were made to log in
 * before.
 */
export async function ensureGroups(owner: PostgresAddress): Promise<void> {
  await asOwner(owner, async (client) => {
    for (const group of Object.values(GROUPS)) {
      await client.query(`CREATE ROLE ${group} NOLOGIN`).catch((error: { code?: string }) => {
        if (!IS_THERE.has(error.code ?? "")) throw error;
      });
    }
  });
}

/**
 * Makes the users, or gives them their passwords where they are there: each a member of its group.
 */
export async function ensureUsers(owner: PostgresAddress, roles: Roles, passwords: Passwords): Promise<void> {
  await alone(owner, async (client) => {
    const database = await databaseOf(client);
    for (const role of ["writer", "reader"] as const) {
      for (const user of roles[role]) {
        const password = passwords[user];
        if (password === undefined) throw new EnvironmentError("INTEGRAVIZ_SECRETS", `has no password of ${user}.`);
        const name = client.escapeIdentifier(user);
        const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [user]);
        const verb = rowCount === 0 ? "CREATE" : "ALTER";
        await quietly(client, `${verb} ROLE ${name} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
        await client.query(`COMMENT ON ROLE ${name} IS ${client.escapeLiteral(markOf(database))}`);
        await client.query(`GRANT ${GROUPS[role]} TO ${name}`);
        const settings = `ALTER ROLE ${name} IN DATABASE ${client.escapeIdentifier(database)} SET`;
        await client.query(`${settings} search_path = integraviz`);
        if (role === "reader") {
          await client.query(`${settings} default_transaction_read_only = on`);
          const of = ` IN DATABASE ${client.escapeIdentifier(database)}`;
          for (const limit of readerLimits(name, { connections: READER_CONNECTIONS, of })) await client.query(limit);
        }
      }
    }
  });
}

/** Users that an earlier migration of this database made and that are no longer listed. */
export async function dropOtherUsers(owner: PostgresAddress, roles: Roles): Promise<void> {
  await alone(owner, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT rolname AS name FROM pg_roles
       WHERE shobj_description(oid, 'pg_authid') = $1 AND rolname <> ALL ($2::text[])`,
      [markOf(await databaseOf(client)), [...roles.writer, ...roles.reader]],
    );
    for (const { name } of rows) await client.query(`DROP ROLE ${client.escapeIdentifier(name)}`);
  });
}

/**
 * Logins of the panel that hang on a reader's password which is good no more, so that who kept it
 * has no way in.
 */
export async function dropOtherPanelLogins(owner: PostgresAddress, readerPasswords: readonly string[]): Promise<void> {
  await alone(owner, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT DISTINCT login AS name FROM integraviz.project_access
       WHERE starts_with(login, $1) AND NOT EXISTS (SELECT FROM unnest($2::text[]) AS p WHERE starts_with(login, p))`,
      [PANEL_LOGINS, readerPasswords.map(prefixOf)],
    );
    for (const { name } of rows) await client.query(`DROP ROLE IF EXISTS ${client.escapeIdentifier(name)}`);
    await client.query("DELETE FROM integraviz.project_access WHERE login = ANY ($1)", [rows.map(({ name }) => name)]);
  });
}

/** Tells our users from those of another database on the same server. */
const markOf = (database: string): string => `integraviz: a user of the database ${database}`;

async function databaseOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>("SELECT current_database() AS name");
  return rows[0]?.name as string;
}

/** Without the statement in the error, which would carry the password into the log. */
async function quietly(client: pg.Client, statement: string): Promise<void> {
  try {
    await client.query(statement);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new Error(`A user could not be made: ${message} (${code}).`);
  }
}

/** In one transaction, and one at a time: two sessions may not alter a role at once. */
function alone(owner: PostgresAddress, work: (client: pg.Client) => Promise<void>): Promise<void> {
  return asOwner(owner, async (client) => {
    await client.query("BEGIN");
    // Of a table, because anybody can hold an advisory lock; the same as of a migration, whose
    // other session writes there.
    await client.query("LOCK TABLE integraviz.migrations IN SHARE UPDATE EXCLUSIVE MODE");
    await work(client);
    await client.query("COMMIT");
  });
}

/** A connection for as long as the work takes. */
async function asOwner(owner: PostgresAddress, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ ...clientOf(owner), application_name: "integraviz migrate" });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
