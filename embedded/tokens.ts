import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { DEFAULT_LIFE_DAYS } from "../contract/tokens.ts";
import { type Grant, signToken } from "../functions/http/tokens.ts";
import { openPostgresStore } from "../functions/stores/postgres/postgres.ts";
import { openInstallation } from "./data-folder.ts";
import type { Endpoint } from "./stack.ts";

const DAY_MS = 86_400_000;

export interface IssuedToken {
  /** What takes it back. */
  id: string;
  token: string;
}

/**
 * Signs a token with the key of a data folder. Rejects with a NoInstallation where there is none.
 * @param days how long it is good
 */
export async function issueToken(
  folder: string,
  grant: Omit<Grant, "jti">,
  days = DEFAULT_LIFE_DAYS,
): Promise<IssuedToken> {
  const { secrets } = openInstallation(folder);
  const id = randomUUID();
  const expiry = Number.isFinite(days) ? { expiresAt: new Date(Date.now() + days * DAY_MS) } : {};
  return { id, token: await signToken(secrets.signingKey, { ...grant, jti: id }, expiry) };
}

/** Takes a token back by its id. The stack has to run. */
export async function denyToken(folder: string, id: string, actor: string): Promise<void> {
  const { secrets, endpoint } = openInstallation(folder);
  const { sql } = JSON.parse(readFileSync(endpoint, "utf8")) as Endpoint;
  const writer = new URL(sql);
  writer.username = "integraviz_writer";
  writer.password = secrets.writer;
  const store = openPostgresStore({ writerUrl: String(writer), readerUrl: sql });
  try {
    await store.denyToken(id, actor);
  } finally {
    await store.close();
  }
}
