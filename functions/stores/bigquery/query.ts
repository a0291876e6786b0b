import { randomUUID } from "node:crypto";
import type { Client } from "./client.ts";

export interface Field {
  name: string;
  /** STRING, INTEGER, FLOAT, BOOLEAN, TIMESTAMP, JSON, RECORD, ... */
  type: string;
  mode?: "NULLABLE" | "REQUIRED" | "REPEATED";
  fields?: Field[];
}

interface Cell {
  v: unknown;
}

/** The answer of jobs.query and jobs.getQueryResults. */
interface Page {
  jobComplete: boolean;
  jobReference?: { jobId: string; location?: string };
  queryId?: string;
  schema?: { fields?: Field[] };
  rows?: { f: Cell[] }[];
  pageToken?: string;
}

export interface Query {
  sql: string;
  /** The dataset of names that stand alone. */
  dataset?: string;
  parameters?: object[];
  /** The job fails, and costs nothing, where it would have to read more. */
  maximumBytes?: number;
  /** Rows of the first page; without it as many as fit. */
  pageRows?: number;
  /** The job is ended after that time. */
  timeoutMs: number;
}

export interface Rows {
  fields: Field[];
  /** The cells of one page after another, as the API writes them. */
  pages: AsyncGenerator<unknown[][]>;
}

/**
 * Runs one statement by jobs.query, whose short answers need no job (`JOB_CREATION_OPTIONAL`), and
 * reads on by getQueryResults.
 */
export async function runQuery(client: Client, location: string, query: Query): Promise<Rows> {
  const deadline = Date.now() + query.timeoutMs;
  const left = () => Math.max(1, deadline - Date.now());
  let page = await client<Page>("POST", "/queries", {
    json: {
      query: query.sql,
      useLegacySql: false,
      location,
      requestId: randomUUID(),
      jobCreationMode: "JOB_CREATION_OPTIONAL",
      formatOptions: { useInt64Timestamp: true },
      timeoutMs: query.timeoutMs,
      jobTimeoutMs: String(query.timeoutMs),
      ...(query.dataset === undefined ? {} : { defaultDataset: { datasetId: query.dataset } }),
      ...(query.parameters === undefined ? {} : { parameterMode: "NAMED", queryParameters: query.parameters }),
      ...(query.maximumBytes === undefined ? {} : { maximumBytesBilled: String(query.maximumBytes) }),
      ...(query.pageRows === undefined ? {} : { maxResults: query.pageRows }),
    },
    timeoutMs: query.timeoutMs + ANSWER_MS,
  });
  const job = page.jobReference?.jobId ?? page.queryId ?? "";
  const next = (pageToken?: string) =>
    client<Page>("GET", `/queries/${job}`, {
      qs: {
        location: page.jobReference?.location ?? location,
        timeoutMs: left(),
        "formatOptions.useInt64Timestamp": "true",
        ...(pageToken === undefined ? {} : { pageToken }),
      },
      timeoutMs: (pageToken === undefined ? left() : PAGE_MS) + ANSWER_MS,
    });
  while (!page.jobComplete) page = await next();
  return { fields: page.schema?.fields ?? [], pages: pagesFrom(page, next) };
}

/** What an answer may take on its way, beside the query itself. */
const ANSWER_MS = 5_000;
/** A page of a result that is there, of up to 20 MB, whenever it is asked for. */
const PAGE_MS = 20_000;

async function* pagesFrom(first: Page, next: (token: string) => Promise<Page>): AsyncGenerator<unknown[][]> {
  for (let page = first; ; page = await next(page.pageToken)) {
    yield (page.rows ?? []).map(({ f }) => f.map(({ v }) => v));
    if (page.pageToken === undefined) return;
  }
}

/** How a scalar is read; everything comes as text. */
export type Scalar = (type: string, text: string) => unknown;

/** A cell, with its arrays and records taken apart. */
export function cellOf(field: Field, cell: unknown, scalar: Scalar): unknown {
  if (field.mode === "REPEATED") {
    const one: Field = { ...field, mode: "NULLABLE" };
    return (cell as Cell[]).map(({ v }) => cellOf(one, v, scalar));
  }
  if (cell === null) return null;
  if (field.type !== "RECORD" && field.type !== "STRUCT") return scalar(field.type, cell as string);
  const { f } = cell as { f: Cell[] };
  return Object.fromEntries(
    (field.fields ?? []).map((inner, index) => [inner.name, cellOf(inner, f[index]?.v ?? null, scalar)]),
  );
}
