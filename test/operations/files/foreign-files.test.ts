import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoggedEvent } from "../../../functions/stores/store.ts";
import { findFormat } from "../../../operations/files/file-formats.ts";
import { importEvents } from "../../../operations/files/import.ts";
import { openMemoryStore } from "../../functions/stores/memory/memory-store.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "integraviz-foreign-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEADER = "project,run_id,event_id,writer,seq,kind,actor,epoch,step,batch,created_at,sent_skew,received_at,logs\n";
const TEN = Date.UTC(2026, 10, 29, 10) * 1000;

/** What an empty store holds after an import of the file. */
async function imported(file: string): Promise<LoggedEvent[]> {
  const store = openMemoryStore();
  const all = async () => (await store.log({ after: null, before: await store.cursor(), limit: 10 })).events;
  try {
    await importEvents(store, { file, format: await findFormat(file, undefined) }, () => {});
  } catch (error) {
    expect(await all(), "nothing is stored of a file that is refused").toEqual([]);
    throw error;
  }
  return all();
}

const csv = (text: string) => {
  const file = join(folder, "events.csv");
  writeFileSync(file, text);
  return imported(file);
};
const lines = (...events: unknown[]) => {
  const file = join(folder, "events.jsonl");
  writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  return imported(file);
};

/** A Parquet file of one row, whose columns are these expressions. */
async function parquet(columns: Record<string, string>) {
  const file = join(folder, "events.parquet");
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  const selected = Object.entries(columns).map(([name, sql]) => `${sql} AS "${name}"`);
  await db.run(`COPY (SELECT ${selected.join(", ")}) TO '${file}' (FORMAT parquet)`);
  db.closeSync();
  return imported(file);
}

const EVENT = {
  project: "'p'",
  run_id: "'r'",
  event_id: "'e'",
  kind: "'k'",
  created_at: "TIMESTAMP '2026-11-29 10:00:00'",
};
const LINE = { project: "p", run_id: "r", event_id: "e", kind: "k", created_at: "2026-11-29T10:00:00Z" };

describe("a CSV file of another program", () => {
  const row = (created: string, more: { epoch?: string; skew?: string; logs?: string } = {}) =>
    `${HEADER}p,r,e,,1,k,,${more.epoch ?? "1"},,,${created},${more.skew ?? ""},,${more.logs ?? '"{}"'}\n`;

  test.each([
    ["without a zone, which is UTC", "2026-11-29 10:00:00"],
    ["in another zone", "2026-11-29 05:00:00-05"],
  ])("times %s, wherever it is read", async (_, time) => {
    const zone = process.env.TZ;
    process.env.TZ = "America/New_York";
    try {
      expect(await csv(row(time))).toMatchObject([{ createdAt: TEN, writer: "" }]);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  test("3.0 is 3, and nan is nothing", async () => {
    expect(await csv(row("2026-11-29 10:00:00", { epoch: "3.0", skew: "NaN" }))).toMatchObject([
      { epoch: 3, sentSkew: null },
    ]);
  });

  test.each([
    [{ epoch: "1.5" }, "row 1: epoch is not a whole number of 64 bits. Send an integer"],
    [{ epoch: "0x10" }, "row 1: epoch is not a whole number of 64 bits. Send an integer"],
    [{ epoch: "true" }, "row 1: epoch is not a whole number of 64 bits. Send an integer"],
    [{ skew: "12.7" }, "row 1: sent_skew is not a whole number of 64 bits. Send an integer"],
    [{ logs: "\"{'loss': 0.5}\"" }, "row 1: logs is not JSON. Put a JSON object there as text"],
    [{ logs: '""' }, "row 1: logs is not JSON. Put a JSON object there as text"],
  ])("%j is refused with row, column and fix, and nothing is rounded", async (more, message) => {
    await expect(csv(row("2026-11-29 10:00:00", more))).rejects.toThrow(message);
  });

  test.each(["1899-12-31 23:59:59", "2260-01-01 00:00:00"])("%s is out of range, and not no time", async (time) => {
    await expect(csv(row(time))).rejects.toThrow(
      "row 1: created_at is before 1900 or after 2255-06-05. Send a time between",
    );
  });

  test("columns that are missing are null", async () => {
    const text = "project,run_id,event_id,kind,created_at\np,r,e,k,2026-11-29T10:00:00Z\n";
    expect(await csv(text)).toMatchObject([{ run: "r", writer: "", epoch: null, logs: null }]);
    await expect(csv(text.replace("kind", "type"))).rejects.toThrow(
      /there is no column kind. It has .*type.*an event needs/,
    );
    await expect(csv("")).rejects.toThrow("the file is empty.");
  });
});

describe("a Parquet file of another program", () => {
  test("has columns in any case", async () => {
    const found = await parquet({ ...EVENT, Logs: `'{"loss": 1}'`, EPOCH: "2" });
    expect(found).toMatchObject([{ epoch: 2, logs: '{"loss":1}' }]);
  });

  test.each([
    ["DECIMAL", "3::DECIMAL(10, 0)"],
    ["HUGEINT", "3::HUGEINT"],
    ["DOUBLE", "3::DOUBLE"],
    ["VARCHAR", "'3'"],
  ])("has whole numbers as %s", async (_, epoch) => {
    expect(await parquet({ ...EVENT, epoch })).toMatchObject([{ epoch: 3 }]);
  });

  test("has NaN for what is not there", async () => {
    expect(await parquet({ ...EVENT, epoch: "'NaN'::DOUBLE" })).toMatchObject([{ epoch: null }]);
  });

  test.each([
    ["text", "'2026-11-29T10:00:00Z'"],
    ["a time with a zone", "TIMESTAMPTZ '2026-11-29 05:00:00-05'"],
    ["ns", "TIMESTAMP_NS '2026-11-29 10:00:00'"],
  ])("has times as %s", async (_, created_at) => {
    expect(await parquet({ ...EVENT, created_at })).toMatchObject([{ createdAt: TEN }]);
  });

  test("has logs as a struct", async () => {
    expect(await parquet({ ...EVENT, logs: "{'loss': 0.5}" })).toMatchObject([{ logs: '{"loss":0.5}' }]);
  });

  test.each([
    [{ epoch: "1.5::DOUBLE" }, "row 1: epoch is not a whole number of 64 bits. Send an integer"],
    [{ created_at: "1764410400" }, "row 1: created_at is not a time. Send ISO 8601 in UTC"],
    [{ writer: "NULL", kind: "NULL" }, "row 1: kind is missing. Every event needs project"],
    [{ sent_skew: "2147483648" }, "row 1: sent_skew is not a whole number of 32 bits. It is in ms"],
    [{ logs: "'\\x01'::BLOB" }, "row 1: logs is not JSON. Put a JSON object there"],
  ])("%j is refused with row, column and fix", async (columns, message) => {
    await expect(parquet({ ...EVENT, ...columns })).rejects.toThrow(message);
  });
});

describe("JSON lines of another program", () => {
  test("may leave out what is null, and have logs as text of JSON", async () => {
    expect(await lines({ ...LINE, Logs: '{"loss": 1}' })).toMatchObject([{ writer: "", logs: '{"loss":1}' }]);
  });

  test("are all checked before any is stored", async () => {
    const good = Array.from({ length: 2_500 }, (_, index) => ({ ...LINE, event_id: String(index) }));
    const bad = lines(...good, { ...LINE, sent_skew: 2_147_483_648 });
    await expect(bad).rejects.toThrow("line 2501: sent_skew is not a whole number of 32 bits. It is in ms");
  });
});
