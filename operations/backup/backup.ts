import { existsSync, readFileSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import pg from "pg";
import { startCluster } from "../../embedded/cluster.ts";
import { type DataFolder, openDataFolder } from "../../embedded/data-folder.ts";
import { prepareDatabase } from "../../embedded/database.ts";
import { FolderTaken } from "../../embedded/folder-lock.ts";
import type { Programs } from "../../embedded/initdb.ts";
import type { Endpoint } from "../../embedded/stack.ts";
import { openPostgresStore } from "../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../functions/stores/store.ts";
import { Fingerprint } from "../copy/fingerprint.ts";
import { logPages } from "../copy/log-pages.ts";
import { toEventLine } from "../files/event-lines.ts";
import { Mistake } from "../mistake.ts";
import type { OnProgress } from "../progress.ts";
import { type BackupEnd, type DeniedToken, readBackup, writeBackup } from "./backup-file.ts";

export interface BackupOrder {
  /** The data folder of an installation, running or not. */
  data: string;
  file: string;
  /** PostgreSQL's programs. Default: those of the package for this machine. */
  programs?: Programs;
}

export interface Backup extends BackupEnd {
  bytes: number;
}

/**
 * Writes all that an installation on this machine has to one file: events, tokens that were taken
 * back, and its secrets. Consistent while it runs: it is the log up to the moment of the start,
 * each event as acknowledged. Read back and compared before it gets its name. Rejects with a
 * Mistake where the file is there already.
 */
export async function backUp({ data: folder, file, programs }: BackupOrder, onProgress: OnProgress): Promise<Backup> {
  if (existsSync(file)) throw new Mistake(`${file} is there already. Give another name, or remove it first.`);
  if (!existsSync(join(folder, "postgres", "PG_VERSION")))
    throw new Mistake(`There is no installation in ${folder}. Name its folder with --data.`);
  const data = openDataFolder(folder);
  const partial = `${resolve(file)}.partial`;
  const opened = await openInstallationStore(data, programs);
  try {
    await rm(partial, { force: true });
    const written = await writeAll(opened, data, partial, onProgress);
    await compare(partial, written, onProgress);
    await rename(partial, file);
    return { ...written, bytes: (await stat(file)).size };
  } finally {
    await rm(partial, { force: true });
    await opened.close();
  }
}

interface OpenedInstallation {
  store: Store;
  ownerUrl: string;
  close(): Promise<void>;
}

/** Connects to the installation where it runs; else its PostgreSQL is up until it is closed. */
async function openInstallationStore(data: DataFolder, programs?: Programs): Promise<OpenedInstallation> {
  const { owner, writer } = data.secrets;
  try {
    const cluster = await startCluster({ data, ...(programs && { programs }) });
    const { writerUrl, readerUrl } = await prepareDatabase(cluster, data.secrets).catch(async (error) => {
      await cluster.stop();
      throw error;
    });
    const store = openPostgresStore({ writerUrl, readerUrl, seals: false });
    const close = async () => {
      await store.close();
      await cluster.stop();
    };
    return { store, ownerUrl: cluster.url("integraviz_owner", owner, "integraviz"), close };
  } catch (error) {
    if (!(error instanceof FolderTaken)) throw error;
  }
  const { sql } = JSON.parse(readFileSync(data.endpoint, "utf8")) as Endpoint;
  const store = openPostgresStore({ writerUrl: asLogin(sql, "writer", writer), readerUrl: sql, seals: false });
  return { store, ownerUrl: asLogin(sql, "owner", owner), close: () => store.close() };
}

function asLogin(url: string, role: "owner" | "writer", password: string): string {
  return String(Object.assign(new URL(url), { username: `integraviz_${role}`, password }));
}

async function writeAll(
  { store, ownerUrl }: OpenedInstallation,
  data: DataFolder,
  file: string,
  onProgress: OnProgress,
): Promise<BackupEnd> {
  const part = { after: null, before: await store.settled() };
  const total = await store.logSize(part);
  const seen = new Fingerprint();
  const lines = async function* () {
    for await (const { events } of logPages(store, part)) {
      for (const event of events) seen.add(event);
      yield events.map(toEventLine).join("");
      onProgress(seen.count, total, "backing up");
    }
  };
  const head = {
    "integraviz-backup": 1,
    made_at: new Date().toISOString(),
    secrets: data.secrets,
    denied: await deniedTokens(ownerUrl),
  } as const;
  await writeBackup(file, head, lines(), () => endOf(seen));
  if (seen.count !== total)
    throw new Mistake(
      `No backup was written: the store says that it has ${total} events, and gave ${seen.count}. ` +
        "Unless something was purged meanwhile, its log is not in order; else run it again.",
    );
  return endOf(seen);
}

/** @returns what a backup says of its events, whatever their order */
export function endOf(seen: Fingerprint): BackupEnd {
  let sum = 0n;
  for (const { hash } of seen.runs.values()) sum += hash;
  return {
    events: seen.count,
    runs: seen.runs.size,
    hash: BigInt.asUintN(64, sum).toString(16).padStart(16, "0"),
  };
}

/** Reads what was written, and compares it with what the store gave. */
async function compare(file: string, written: BackupEnd, onProgress: OnProgress): Promise<void> {
  const read = await readFingerprint(file, written.events, onProgress);
  if (endOf(read).hash !== written.hash || read.count !== written.events)
    throw new Mistake("No backup was written: what was read back is not what was written. Is the disk in order?");
}

/** Rejects with a Mistake where the file is not whole, or says something else of its events. */
export async function readFingerprint(file: string, total: number, onProgress: OnProgress): Promise<Fingerprint> {
  const backup = await readBackup(file);
  const read = new Fingerprint();
  for await (const events of backup.pages) {
    for (const event of events) read.add(event);
    onProgress(read.count, total, "checking");
  }
  const said = backup.end();
  const found = endOf(read);
  if (said.events !== found.events || said.hash !== found.hash)
    throw new Mistake(`${file} has ${found.events} events, and says that it has ${said.events}: use another one.`);
  return read;
}

async function deniedTokens(ownerUrl: string): Promise<DeniedToken[]> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<DeniedToken>(
      "SELECT jti, actor, denied_at::text FROM denied_tokens ORDER BY denied_at",
    );
    return rows;
  } finally {
    await client.end();
  }
}
