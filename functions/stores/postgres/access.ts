import type { AccessCompiler, AccessGroups } from "../about.ts";
import { quotedName, quotedText } from "../sql-text.ts";
import { LOGIN_CONNECTIONS, readerLimits } from "./reader-limits.ts";

export const access: AccessCompiler = {
  member: {
    pattern: /^[a-z][a-z0-9_]{0,39}$/,
    problem: "is no login: use up to 40 small letters, digits and underscores, starting with a letter",
  },
  names: {},
  tables: [],
  statements: (groups) => postgresPlan(groups, []).statements,
};

/** What one login may see, whatever groups it comes from. */
interface Login {
  name: string;
  /** Sees every project. */
  all: boolean;
  /** Project (or "*") -> whether with control. */
  projects: Map<string, boolean>;
}

const LOGIN_PREFIX = "integraviz_user_";

/**
 * The policy's logins of this database: logins belong to the whole server, and another database's
 * are not ours to drop. So each has a row in the list, even one that sees everything.
 */
export const OWN_LOGINS = `SELECT DISTINCT login AS name FROM integraviz.project_access
  JOIN pg_roles ON rolname = login WHERE starts_with(login, '${LOGIN_PREFIX}')`;

export interface PostgresPlan {
  statements: string[];
  /** Logins that are made by them, and have no password yet. */
  made: string[];
}

/**
 * The policy as statements for the owner, in one transaction, given the logins that are there
 * (OWN_LOGINS). A login that the policy does not name is dropped. Row-level security itself is the
 * migrations' (access.sql): here is only who may see what.
 */
export function postgresPlan(groups: AccessGroups, existing: readonly string[]): PostgresPlan {
  const logins = loginsOf(groups);
  const names = logins.map(({ name }) => name);
  const made = names.filter((name) => !existing.includes(name));
  const rows = logins.flatMap(({ name, projects }) =>
    [...projects].map(([project, control]) => `  (${quotedText(name)}, ${quotedText(project)}, ${control})`),
  );
  return {
    made,
    statements: [
      ...existing.filter((name) => !names.includes(name)).map((name) => `DROP ROLE ${quotedName(name)}`),
      ...made.map((name) => `CREATE ROLE ${quotedName(name)} LOGIN`),
      ...logins.flatMap(settingsOf),
      `DELETE FROM integraviz.project_access WHERE login LIKE '${LOGIN_PREFIX.replaceAll("_", "\\_")}%'`,
      ...(rows.length === 0
        ? []
        : [`INSERT INTO integraviz.project_access (login, project, control) VALUES\n${rows.join(",\n")}`]),
    ],
  };
}

function loginsOf(groups: AccessGroups): Login[] {
  const logins = new Map<string, Login>();
  for (const { projects, access, members } of Object.values(groups)) {
    for (const member of members) {
      const name = LOGIN_PREFIX + member;
      const login = logins.get(name) ?? { name, all: false, projects: new Map() };
      logins.set(name, login);
      login.all ||= projects === "*";
      for (const project of projects === "*" ? ["*"] : projects)
        login.projects.set(project, access === "control" || login.projects.get(project) === true);
    }
  }
  return [...logins.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function settingsOf({ name, all, projects }: Login): string[] {
  const role = quotedName(name);
  const set = (setting: string) => `ALTER ROLE ${role} SET ${setting}`;
  const [grant, revoke] = all
    ? ["integraviz_reader", "integraviz_project_reader"]
    : ["integraviz_project_reader", "integraviz_reader"];
  return [
    `GRANT ${grant} TO ${role}`,
    `REVOKE ${revoke} FROM ${role}`,
    set(`search_path = ${all ? "" : "integraviz_projects, "}integraviz`),
    // request_stop() writes an event.
    set(`default_transaction_read_only = ${[...projects.values()].includes(true) ? "off" : "on"}`),
    ...readerLimits(role, { connections: LOGIN_CONNECTIONS }),
    set(`enable_seqscan = ${all ? "on" : "off"}`),
  ];
}
