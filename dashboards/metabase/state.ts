/** What stands in a Metabase of one deployment's dashboards, read back. */
import type { Json, JsonObject } from "../json.ts";
import type { Send } from "../send.ts";
import { keyIn } from "./compile.ts";

export interface Standing {
  id: number;
  key: string;
  /** As it would be sent, as far as Metabase gives it back. */
  content: JsonObject;
}

export interface State {
  /** The address that its links are made with. */
  site: string | undefined;
  database: Standing | undefined;
  collection: Standing | undefined;
  cards: Standing[];
  /** Each with its `dashcards`, which have numbers of their own. */
  dashboards: Standing[];
}

/**
 * Reads all that is ours in four requests, and one for each dashboard: databases go by name, all
 * else by its marker, where it stands in our collection. A copy elsewhere is somebody's own.
 */
export async function readState(send: Send, name: string, site: string | undefined): Promise<State> {
  const { body: databases } = await send("GET", "/api/database");
  const found = lowest((databases.data as Row[]).filter((one) => one.name === name));
  const database = found && { id: found.id, key: name, content: found };
  const { body: collections } = await send("GET", "/api/collection");
  const own = lowest((collections as Row[]).filter(({ description }) => keyIn(description, name) === "collection"));
  const collection = own && { id: own.id, key: name, content: own };
  const rows = database ? (await send("GET", `/api/card?f=database&model_id=${database.id}`)).body : [];
  const cards = (rows as Row[])
    .filter(({ collection_id }) => collection !== undefined && collection_id === collection.id)
    .flatMap((row) => marked(row, name, { ...row, dataset_query: legacy(row.dataset_query as JsonObject) }));
  const dashboards = collection ? await readDashboards(send, name, collection.id) : [];
  return { site, database, collection, cards: inOrder(cards), dashboards: inOrder(dashboards) };
}

type Row = JsonObject & { id: number; name?: string; description?: string | null; collection_id?: number };

async function readDashboards(send: Send, name: string, collection: number): Promise<Standing[]> {
  const { body } = await send("GET", `/api/collection/${collection}/items?models=dashboard`);
  const ours = (body.data as Row[]).filter(({ description }) => keyIn(description, name) !== undefined);
  const read = ours.map(async ({ id }) => (await send("GET", `/api/dashboard/${id}`)).body as Row);
  return (await Promise.all(read)).flatMap((row) => marked(row, name, row));
}

function marked({ id, description }: Row, name: string, content: JsonObject): Standing[] {
  const key = keyIn(description, name);
  return key === undefined ? [] : [{ id, key, content }];
}

const inOrder = (standing: Standing[]) => standing.toSorted((a, b) => a.id - b.id);
const lowest = (rows: Row[]) => rows.toSorted((a, b) => a.id - b.id)[0];

/** A query as it is sent, out of the form that Metabase keeps it in (MBQL 5). */
function legacy(query: JsonObject | null): JsonObject {
  const [stage] = (query?.stages ?? []) as JsonObject[];
  if (query === null || stage === undefined) return query ?? {};
  const tags = (stage["template-tags"] ?? {}) as Json;
  return {
    type: "native",
    database: query.database as number,
    native: { query: stage.native as string, "template-tags": Array.isArray(tags) ? byName(tags) : tags },
  };
}

const byName = (tags: Json[]): Json => Object.fromEntries(tags.map((tag) => [(tag as JsonObject).name as string, tag]));
