import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openDataFolder } from "../../embedded/data-folder.ts";
import { prepareDatabase } from "../../embedded/database.ts";
import type { Endpoint } from "../../embedded/stack.ts";
import { type EventRow, type LogRow, toLogged, toStreamed } from "../../functions/stores/driver-rows.ts";
import type { LoggedEvent } from "../../functions/stores/store.ts";
import { openAddress } from "../../operations/addresses/store-address.ts";
import { openCheckpoint } from "../../operations/copy/checkpoint.ts";
import { copyStore } from "../../operations/copy/copy-store.ts";
import { eventHash } from "../../operations/copy/fingerprint.ts";
import { isProved } from "../../operations/copy/verify.ts";
import { readEvent } from "../../operations/files/event-fields.ts";
import { eventLines } from "../../operations/files/event-lines.ts";
import { exportEvents } from "../../operations/files/export.ts";
import { asWriter } from "../embedded/gateway-process.ts";

/** A log by event: (project, id) -> hash of all that the event says. */
export type Hashes = Map<string, bigint>;

const put = (hashes: Hashes, event: LoggedEvent) => hashes.set(`${event.project}\n${event.id}`, eventHash(event));

const WHOLE = `
  SELECT pos, project, run_id AS run, event_id AS id, writer, seq, kind, actor, epoch, step, batch,
    (extract(epoch FROM created_at) * 1000000)::bigint AS created_at,
    (extract(epoch FROM received_at) * 1000000)::bigint AS received_at, sent_skew, logs::text AS logs
  FROM events`;

/** The log itself, asked past everything of ours that reads it. Throws where an event is there twice. */
export async function readLog(data: string, endpoint: Endpoint): Promise<Hashes> {
  const rows = await asWriter<LogRow>(data, endpoint, WHOLE);
  const hashes: Hashes = new Map();
  for (const row of rows) put(hashes, toLogged(row));
  if (hashes.size !== rows.length) throw new Error(`The log has ${rows.length} events of ${hashes.size} ids.`);
  return hashes;
}

/** What a stream of the project has to have said by now, in order. */
export async function readStreamed(data: string, endpoint: Endpoint, project: string): Promise<string[]> {
  const rows = await asWriter<EventRow>(
    data,
    endpoint,
    `SELECT pos, run_id AS run, event_id, kind, writer, seq, actor, epoch, step, batch,
      (date_part('epoch', created_at) * 1000)::double precision AS at, logs::text AS logs
    FROM events WHERE project = '${project}' ORDER BY events.pos`,
  );
  return rows.map((row) => JSON.stringify(toStreamed(row)));
}

/** As `integraviz export` writes it and `import` reads it. */
export async function readExport(data: string): Promise<{ hashes: Hashes; lines: number }> {
  const file = join(data, "drill.jsonl");
  const { store } = await openAddress(data, "--from");
  try {
    const { events } = await exportEvents(store, { file, format: eventLines }, () => {});
    const hashes: Hashes = new Map();
    let lines = 0;
    for await (const page of eventLines.read(file)) {
      lines += page.length;
      for (const { fields, source } of page) put(hashes, readEvent(fields, source) as LoggedEvent);
    }
    if (lines !== events) throw new Error(`The export says ${events} events and has ${lines} lines.`);
    return { hashes, lines };
  } finally {
    await store.close();
    await rm(file, { force: true });
  }
}

const COPY = "drill_copy";

/** As `integraviz copy` goes on with it in a database beside the installation's own. */
export async function readCopy(data: string, endpoint: Endpoint): Promise<{ hashes: Hashes; isProved: boolean }> {
  const { secrets } = openDataFolder(data);
  const port = Number(new URL(endpoint.sql).port);
  const url = (user: string, password: string, database: string) =>
    `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  const superUrl = (database: string) => url("postgres", secrets.superuser, database);
  const { writerUrl, readerUrl } = await prepareDatabase({ port, url, superUrl }, secrets, COPY);
  const from = await openAddress(data, "--from");
  const to = await openAddress(writerUrl, "--to");
  try {
    const report = await copyStore(from, to, openCheckpoint(data, from.name, to.name), () => {});
    return { hashes: await readLog(data, { ...endpoint, sql: readerUrl }), isProved: isProved(report) };
  } finally {
    await to.store.close();
    await from.store.close();
  }
}

/** Ids that only one of the two has, and those that say something else. */
export function differences(log: Hashes, copy: Hashes): string[] {
  const wrong = [...log].filter(([id, hash]) => copy.get(id) !== hash).map(([id]) => id);
  return [...wrong, ...[...copy.keys()].filter((id) => !log.has(id))];
}
