/**
 * How long a reader may hold what others wait for, and how many connections it may have, so that
 * those of the writer are left. A session may set the times for itself, the number it may not.
 */
export const READER_TIMES = {
  statement_timeout: "60s",
  idle_in_transaction_session_timeout: "60s",
  lock_timeout: "10s",
} as const;

/** Of dashboards, with the panel of tokens for all projects. */
export const READER_CONNECTIONS = 20;
/** Of one person. ensure_panel_login() says the same of a token's projects. */
export const LOGIN_CONNECTIONS = 8;

/** The statements that set a role's limits: `of` is what stands behind ALTER ROLE and its name. */
export function readerLimits(role: string, { connections, of = "" }: { connections: number; of?: string }): string[] {
  return [
    `ALTER ROLE ${role} CONNECTION LIMIT ${connections}`,
    ...Object.entries(READER_TIMES).map(([name, value]) => `ALTER ROLE ${role}${of} SET ${name} = '${value}'`),
  ];
}
