import pg from "pg";
import { runStack } from "./processes.ts";
import { publish, round } from "./results.ts";
import { untilSealed } from "./sealed.ts";
import { fillRuns } from "./series.ts";

const QUESTION =
  "Bytes on disk after 100,000 points (2 runs of 10,000 steps and 5 metrics each, one event a step), by table and index.";

const SIZES = `
  WITH metrics AS (SELECT metric_tables()::oid AS oid)
  SELECT c.relname AS name, pg_relation_size(c.oid)::integer AS heap,
    coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)::integer AS toast
  FROM pg_class c
  WHERE c.relnamespace = 'integraviz'::regnamespace AND c.relkind IN ('r', 'i')
    AND (c.relname LIKE 'events%' OR c.oid IN (
      SELECT oid FROM metrics UNION SELECT indexrelid FROM pg_index JOIN metrics ON oid = indrelid
    ))
  ORDER BY c.relname`;

export async function bytes(): Promise<void> {
  const stack = await runStack();
  const points = 100_000;
  try {
    await fillRuns(stack.endpoint, 2);
    await untilSealed(stack.writerUrl);
    const client = new pg.Client({ connectionString: stack.writerUrl });
    await client.connect();
    const { rows } = await client.query<{ name: string; heap: number; toast: number }>(SIZES);
    await client.end();
    const sizes = rows.map(({ name, heap, toast }) => ({ "table or index": name, bytes: heap + toast }));
    const sum = (of: (name: string) => boolean) =>
      sizes.filter((row) => of(row["table or index"])).reduce((total, row) => total + row.bytes, 0);
    const isLog = (name: string) => name.startsWith("events");
    publish(
      "bytes",
      QUESTION,
      [
        ...sizes,
        { "table or index": "the log and its indexes", bytes: sum(isLog) },
        { "table or index": "chunks, what they share, their indexes", bytes: sum((name) => !isLog(name)) },
        { "table or index": "all", bytes: sum(() => true) },
      ].map((row) => ({ ...row, "bytes a point": round(row.bytes / points, 1) })),
      [
        "For comparison, measured on the same kind of data: TensorBoard's event files have 41 bytes a point (one value of 32 bits each), trackio's SQLite 71. The log keeps every event whole: its kind, times, writer, identity, and 64-bit values.",
      ],
    );
  } finally {
    await stack.stop();
  }
}
