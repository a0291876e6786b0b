import pg from "pg";
import { EnvironmentError, type Roles } from "../../adapters/environment.ts";
import type { Passwords } from "../deployed.ts";
import { clientOf, type PostgresAddress } from "./connection.ts";

const GROUPS = { writer: "integraviz_writer", reader: "integraviz_reader" } as const;
/** Any number that nothing else in the database locks: two sessions may not alter a role at the same time. */
const LOCK = 4_827_150_934;

/** The roles that the grants are made to. Nobody logs in as them but where they were made to log in before. */
export async function ensureGroups(owner: PostgresAddress): Promise<void> {
  await alone(owner, async (client) => {
    for (const group of Object.values(GROUPS)) {
      const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [group]);
      if (rowCount === 0) await client.query(`CREATE ROLE ${group} NOLOGIN`);
    }
  });
}

/** Makes the users, or gives them their passwords where they are there: each a member of its group. */
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
          await client.query(`${settings} statement_timeout = '60s'`);
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

async function alone(owner: PostgresAddress, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ ...clientOf(owner), application_name: "integraviz migrate" });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
    await client.query("BEGIN");
    await work(client);
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
}
