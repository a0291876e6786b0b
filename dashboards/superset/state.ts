/** What stands in a Superset of one deployment's dashboards, read back. */
import { strFromU8, unzipSync } from "fflate";
import { load } from "js-yaml";
import type { JsonObject } from "../json.ts";
import { ownedBy } from "../owned-by.ts";
import type { Send } from "../send.ts";

/** Superset's own limit of a page. */
const PAGE = 100;

export interface Standing {
  id: number;
  uuid: string;
}

export interface State {
  database: Standing | undefined;
  /** Charts of ours, each with its dataset's id and the dashboards that it is on. */
  charts: (Standing & { dataset: number; name: string })[];
  datasets: (Standing & { name: string })[];
  /** Dashboards of ours. */
  dashboards: (Standing & { name: string })[];
  /** uuid -> content, of all that was exported. */
  contents: ReadonlyMap<string, { folder: string; content: JsonObject }>;
}

/**
 * Reads all assets of a deployment in four requests, while they are no more than a page of each
 * kind; with what they hold, not only that they are there.
 */
export async function readState(send: Send, name: string): Promise<State> {
  const found = await listed(send, "database", filter("database_name", "eq", name), "id,uuid");
  const database = found[0] as Standing | undefined;
  if (database === undefined) return { database, charts: [], datasets: [], dashboards: [], contents: new Map() };
  const columns = "id,uuid,slice_name,description,datasource_id,dashboards.id,dashboards.dashboard_title";
  const owned = ownedBy(name);
  const rows = await listed(send, "chart", filter("slice_name", "chart_all_text", owned), columns);
  const ours = rows.filter(({ description }) => description?.endsWith(owned));
  const ids = [...new Set(ours.flatMap(({ dashboards }) => dashboards?.map(({ id }) => id) ?? []))];
  const contents = ids.length === 0 ? new Map() : await exported(send, ids);
  const datasets = await listed(
    send,
    "dataset",
    filter("database", "rel_o_m", database.id),
    "id,uuid,table_name,description",
  );
  return {
    database,
    charts: ours.map(({ id, uuid, slice_name, datasource_id }) => ({
      id,
      uuid,
      name: slice_name as string,
      dataset: datasource_id as number,
    })),
    datasets: datasets
      .filter(({ description }) => description?.endsWith(owned))
      .map(({ id, uuid, table_name }) => ({ id, uuid, name: table_name as string })),
    dashboards: standingDashboards(contents, ours, owned),
    contents,
  };
}

/** Which of the exported dashboards are ours: an export has no ids, so these are told by title. */
function standingDashboards(contents: State["contents"], charts: ListedRow[], owned: string): State["dashboards"] {
  const ids = new Map(
    charts.flatMap(({ dashboards = [] }) => dashboards.map((one) => [one.dashboard_title, one.id] as const)),
  );
  return [...contents].flatMap(([uuid, { folder, content }]) =>
    folder === "dashboards" && String(content.description).endsWith(owned)
      ? [{ uuid, id: ids.get(content.dashboard_title as string) as number, name: content.dashboard_title as string }]
      : [],
  );
}

interface ListedRow extends Standing {
  description?: string | null;
  slice_name?: string;
  table_name?: string;
  datasource_id?: number;
  dashboards?: { id: number; dashboard_title: string }[];
}

async function listed(send: Send, kind: string, filters: string, columns: string): Promise<ListedRow[]> {
  const rows: ListedRow[] = [];
  for (let page = 0; ; page++) {
    const query = `(columns:!(${columns}),filters:!(${filters}),order_column:changed_on_delta_humanized,order_direction:asc,page:${page},page_size:${PAGE})`;
    const { body } = await send("GET", `/api/v1/${kind}/?q=${encodeURIComponent(query)}`);
    rows.push(...body.result);
    if (body.result.length < PAGE || rows.length >= body.count) return rows;
  }
}

async function exported(send: Send, ids: number[]): Promise<State["contents"]> {
  const { bytes } = await send("GET", `/api/v1/dashboard/export/?q=${encodeURIComponent(`!(${ids.join(",")})`)}`);
  const files = Object.entries(unzipSync(bytes)).filter(([path]) => !path.endsWith("/metadata.yaml"));
  return new Map(
    files.map(([path, text]) => {
      const content = load(strFromU8(text), { filename: path }) as JsonObject;
      return [content.uuid as string, { folder: path.split("/")[1] as string, content }];
    }),
  );
}

/** A filter in Rison, Superset's way to put a structure into an address. */
function filter(column: string, operator: string, value: string | number): string {
  const text = typeof value === "number" ? value : `'${value.replace(/[!']/g, "!$&")}'`;
  return `(col:${column},opr:${operator},value:${text})`;
}
