import { randomBytes } from "node:crypto";
import pg from "pg";
import { OWN_LOGINS, type PostgresPlan, postgresPlan } from "../../functions/stores/postgres/access.ts";
import { Mistake } from "../mistake.ts";
import { type AccessPolicy, groupsOn } from "./policy.ts";

/** A login that was made, with the password that is shown only now. */
export interface MadeLogin {
  name: string;
  url: string;
}

/** What a policy means on a PostgreSQL database, for its owner. */
export interface PolicyTarget {
  plan: PostgresPlan;
  /** Makes it so, in one transaction. */
  apply(): Promise<MadeLogin[]>;
  close(): Promise<void>;
}

/**
 * Opens a database as its owner and works out what the policy changes there. Rejects with a Mistake
 * where a login is taken that is not of this database.
 */
export async function openPolicyTarget(ownerUrl: string, policy: AccessPolicy): Promise<PolicyTarget> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "integraviz access" });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(OWN_LOGINS);
    const existing = rows.map(({ name }) => name);
    const plan = postgresPlan(groupsOn(policy, "postgres"), existing);
    await refuseTaken(client, plan.made);
    return { plan, apply: () => applyPlan(client, ownerUrl, plan), close: () => client.end() };
  } catch (error) {
    await client.end();
    throw error;
  }
}

async function refuseTaken(client: pg.Client, made: readonly string[]): Promise<void> {
  const { rows } = await client.query("SELECT rolname AS name FROM pg_roles WHERE rolname = ANY ($1)", [made]);
  if (rows.length > 0)
    throw new Mistake(
      `The login ${rows[0].name} is there, but not of this database. Give the member another name in the policy, or drop the login.`,
    );
}

async function applyPlan(client: pg.Client, ownerUrl: string, plan: PostgresPlan): Promise<MadeLogin[]> {
  const passwords = plan.made.map((name) => ({ name, password: randomBytes(18).toString("base64url") }));
  await client.query("BEGIN");
  for (const statement of plan.statements) await client.query(statement);
  for (const { name, password } of passwords)
    await client.query(`ALTER ROLE ${client.escapeIdentifier(name)} PASSWORD ${client.escapeLiteral(password)}`);
  await client.query("COMMIT");
  return passwords.map(({ name, password }) => {
    const url = new URL(ownerUrl);
    url.username = name;
    url.password = password;
    return { name, url: String(url) };
  });
}
