import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmdirSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import pg from "pg";
import { startCluster } from "../../embedded/cluster.ts";
import { openDataFolder, writePrivately } from "../../embedded/data-folder.ts";
import { prepareDatabase } from "../../embedded/database.ts";
import { openPostgresStore } from "../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../functions/stores/store.ts";
import { Fingerprint } from "../copy/fingerprint.ts";
import { logPages } from "../copy/log-pages.ts";
import { Mistake } from "../mistake.ts";
import type { OnProgress } from "../progress.ts";
import { endOf, readFingerprint } from "./backup.ts";
import { type BackupEnd, type DeniedToken, readBackup } from "./backup-file.ts";

export interface RestoreOrder {
  file: string;
  /** A folder that is not there, or empty. */
  data: string;
}

/**
 * Makes a data folder of a backup: whole, compared event by event with the file, or not at all.
 * Tokens and links of the installation that was backed up are good there. Rejects with a Mistake
 * where the folder holds anything, or the file is not whole.
 */
export async function restore({ file, data }: RestoreOrder, onProgress: OnProgress): Promise<BackupEnd> {
  const target = existsSync(data) ? realpathSync(data) : resolve(data);
  if (!existsSync(file)) throw new Mistake(`There is no file ${file}.`);
  if (existsSync(target) && (!statSync(target).isDirectory() || readdirSync(target).length > 0))
    throw new Mistake(`${data} holds something already. Name a new folder with --data.`);
  const partial = makePartial(target);
  try {
    const expected = await readFingerprint(file, 0, onProgress);
    await fill({ file, data: partial }, expected, onProgress);
    renameSync(partial, target);
    return endOf(expected);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/**
 * The folder that is filled first, next to the target, once it is sure that it can take its place.
 */
function makePartial(target: string): string {
  const partial = `${target}.restoring`;
  const isNew = !existsSync(target);
  mkdirSync(dirname(target), { recursive: true });
  try {
    mkdirSync(partial);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new Mistake(
      `There is ${partial} already: another restore is at work, or one was killed. Remove the folder once none is.`,
    );
  }
  try {
    renameSync(partial, target);
  } catch (error) {
    rmdirSync(partial);
    throw new Mistake(
      `${target} cannot be replaced (${(error as Error).message}): a mounted folder cannot. Name a folder inside it with --data.`,
    );
  }
  mkdirSync(partial);
  if (isNew) rmdirSync(target);
  return partial;
}

async function fill({ file, data: folder }: RestoreOrder, expected: Fingerprint, onProgress: OnProgress) {
  const { head, pages } = await readBackup(file);
  writePrivately(join(folder, "secrets.json"), head.secrets);
  const data = openDataFolder(folder);
  const cluster = await startCluster({ data });
  try {
    const { writerUrl, readerUrl } = await prepareDatabase(cluster, data.secrets);
    const store = openPostgresStore({ writerUrl, readerUrl });
    try {
      let done = 0;
      for await (const events of pages) {
        await store.append(events);
        done += events.length;
        onProgress(done, expected.count, "restoring");
      }
      await deny(cluster.url("integraviz_owner", data.secrets.owner, "integraviz"), head.denied);
      await store.sealed();
      await compare(store, expected, onProgress);
    } finally {
      await store.close();
    }
  } finally {
    await cluster.stop();
  }
}

async function compare(store: Store, expected: Fingerprint, onProgress: OnProgress): Promise<void> {
  const found = new Fingerprint();
  for await (const { events } of logPages(store, { after: null, before: await store.settled() })) {
    for (const event of events) found.add(event);
    onProgress(found.count, expected.count, "comparing");
  }
  for (const [key, { project, run, count, hash }] of expected.runs) {
    const there = found.runs.get(key);
    if (there?.count !== count || there.hash !== hash)
      throw new Mistake(
        `Nothing was restored: of run ${run} of ${project} ${there?.count ?? 0} events came out of ${count}, or others.`,
      );
  }
  if (found.count !== expected.count)
    throw new Mistake(`Nothing was restored: ${found.count} events came out of ${expected.count}.`);
}

async function deny(ownerUrl: string, denied: readonly DeniedToken[]): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    for (const { jti, actor, denied_at } of denied)
      await client.query("INSERT INTO denied_tokens (jti, actor, denied_at) VALUES ($1, $2, $3)", [
        jti,
        actor,
        denied_at,
      ]);
  } finally {
    await client.end();
  }
}
