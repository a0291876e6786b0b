import { SHARED_STATEMENTS } from "../reads.ts";
import { sqlFiles, statementTexts } from "../sql-files.ts";
import type { BigqueryLogin, Client } from "./client.ts";
import { cellOf, runQuery, type Scalar } from "./query.ts";
import { retrying } from "./retrying.ts";

/** The SQL of this store, one file a statement, with the datasets' default names in it. */
const files = sqlFiles(new URL("./sql/", import.meta.url));
const names = [...SHARED_STATEMENTS, "compare", "control", "series", "events", "log", "deniedTokens"] as const;
export type StatementName = (typeof names)[number];

const texts = statementTexts(files, names);

type Type = "STRING" | "INT64" | "BOOL" | readonly [Type] | { readonly [field: string]: Type };

/** The type of each parameter, which is the same in all statements. */
const TYPES: Readonly<Record<string, Type>> = {
  project: "STRING",
  run: "STRING",
  state: "STRING",
  text: "STRING",
  sort: "STRING",
  level: "STRING",
  x: "STRING",
  archived: "BOOL",
  writers: "BOOL",
  runs: ["STRING"],
  ids: ["STRING"],
  kinds: ["STRING"],
  wanted: [{ kind: "STRING", key: "STRING", metric: "STRING", split: "STRING", level: "STRING", ordinal: "INT64" }],
  since: "INT64",
  after: "INT64",
  before: "INT64",
  limit: "INT64",
  metrics: "INT64",
  bytes: "INT64",
  offset: "INT64",
  points: "INT64",
};

/** SQL that is meant for the datasets of this login. */
export function inDatasets(sql: string, { dataset, views }: BigqueryLogin): string {
  return sql.replaceAll("integraviz_events.", `${dataset}.`).replaceAll("integraviz_views.", `${views}.`);
}

interface Times {
  deadlineMs: number;
  timeoutMs: number;
}

/**
 * The rows of one of the statements, with its values as parameters, as pages of the API bring them.
 */
export type Read = <Row extends object>(name: StatementName, values: Record<string, unknown>) => AsyncGenerator<Row[]>;

export function readWith(client: Client, login: BigqueryLogin, { timeoutMs }: Pick<Times, "timeoutMs">): Read {
  return async function* <Row extends object>(name: StatementName, values: Record<string, unknown>) {
    const sql = inDatasets(texts[name], login);
    const { fields, pages } = await runQuery(client, login.location, {
      sql,
      parameters: parametersOf(values),
      timeoutMs,
    });
    const rowOf = (cells: unknown[]) =>
      Object.fromEntries(fields.map((field, index) => [field.name, cellOf(field, cells[index], plain)])) as Row;
    for await (const page of pages) yield page.map(rowOf);
  };
}

export type Ask = <Row extends object>(name: StatementName, values: Record<string, unknown>) => Promise<Row[]>;

/** All rows of a statement; tries again for `deadlineMs`. */
export function askWith(client: Client, login: BigqueryLogin, times: Times): Ask {
  const read = readWith(client, login, times);
  return <Row extends object>(name: StatementName, values: Record<string, unknown>) =>
    retrying(async () => {
      const rows: Row[] = [];
      for await (const page of read<Row>(name, values)) rows.push(...page);
      return rows;
    }, times);
}

/** Integers stay text, since they may be beyond 2^53. */
const plain: Scalar = (type, text) => {
  if (type === "FLOAT") return Number(text);
  if (type === "BOOLEAN") return text === "true";
  return type === "JSON" ? JSON.parse(text) : text;
};

export function parametersOf(values: Record<string, unknown>): object[] {
  return Object.entries(values).map(([name, value]) => {
    const type = TYPES[name] as Type;
    return { name, parameterType: parameterTypeOf(type), parameterValue: parameterValueOf(type, value) };
  });
}

function parameterTypeOf(type: Type): object {
  if (typeof type === "string") return { type };
  if (isArray(type)) return { type: "ARRAY", arrayType: parameterTypeOf(type[0]) };
  return {
    type: "STRUCT",
    structTypes: Object.entries(type).map(([name, inner]) => ({ name, type: parameterTypeOf(inner) })),
  };
}

function parameterValueOf(type: Type, value: unknown): object {
  if (typeof type === "string") return { value: value === null ? null : String(value) };
  if (isArray(type)) return { arrayValues: (value as unknown[]).map((one) => parameterValueOf(type[0], one)) };
  const record = value as Record<string, unknown>;
  return {
    structValues: Object.fromEntries(
      Object.entries(type).map(([name, inner]) => [name, parameterValueOf(inner, record[name])]),
    ),
  };
}

const isArray = (type: Type): type is readonly [Type] => Array.isArray(type);
