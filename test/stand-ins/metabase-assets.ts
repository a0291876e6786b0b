/**
 * What Metabase 0.64 keeps, as its documentation and API describe it: numbers of its own whatever `entity_id` is sent,
 * queries read back in another form than they came in, dashcards by the whole list, secrets masked.
 */
import { wrongKeys } from "./metabase-keys.ts";
import type { Said } from "./visualizer.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever was sent
export type Kept = any;
/** Asks the storage: SQL with $1, $2, ... for texts. */
export type Run = (sql: string, values: string[]) => Promise<Record<string, unknown>[]>;

const MASK = "**MetabasePass**";
const SECRET = ["password", "service-account-json", "private-key-value"];
/** Rows that any query gives at most. */
const MOST_ROWS = 10_000;

export class MetabaseAssets {
  databases: Kept[] = [];
  collections: Kept[] = [];
  cards: Kept[] = [];
  dashboards: Kept[] = [];
  #numbers = 0;

  /** Numbers are never given twice. */
  number(): number {
    this.#numbers++;
    return this.#numbers;
  }

  state(): Kept {
    const { databases, collections, cards, dashboards } = this;
    return structuredClone({ databases, collections, cards, dashboards });
  }

  restore(state: Kept): void {
    Object.assign(this, structuredClone(state));
  }

  putDatabase(id: number | null, body: Kept): Said {
    const kept = id === null ? { id: this.databases.length + 1 } : this.databases.find((one) => one.id === id);
    if (kept === undefined) return { status: 404 };
    // What is masked stays, and so does what is left out, of the same engine.
    const before = body.engine === undefined || body.engine === kept.engine ? kept.details : {};
    const sent = Object.fromEntries(Object.entries(body.details ?? {}).filter(([, value]) => value !== MASK));
    Object.assign(kept, body, { details: { ...before, ...sent } });
    // It takes a second one of the same name.
    if (id === null) this.databases.push(kept);
    return { body: shown(kept) };
  }

  listDatabases(): Said {
    return { body: { data: this.databases.map(shown), total: this.databases.length } };
  }

  putCollection(id: number | null, body: Kept): Said {
    if (body.description === "") return blank("description");
    if (id !== null) {
      const kept = this.collections.find((one) => one.id === id);
      return kept === undefined ? { status: 404 } : { body: Object.assign(kept, body) };
    }
    const made = { id: this.number(), archived: false, ...body };
    this.collections.push(made);
    return { body: made };
  }

  putCard(id: number | null, { entity_id, ...body }: Kept): Said {
    if (body.description === "") return blank("description");
    const wrong = this.#wrongCard(body);
    if (wrong !== null) return { status: 400, body: { errors: wrong } };
    const stored = body.dataset_query === undefined ? body : { ...body, dataset_query: mbql5(body.dataset_query) };
    if (id !== null) {
      const kept = this.cards.find((one) => one.id === id);
      return kept === undefined ? { status: 404 } : { body: Object.assign(kept, stored) };
    }
    const made = { id: this.number(), archived: false, entity_id: `fresh-${this.#numbers}`, ...stored };
    this.cards.push(made);
    return { body: made };
  }

  #wrongCard({ dataset_query: query, collection_id }: Kept): Kept {
    if (collection_id && !this.collections.some(({ id }) => id === collection_id))
      return { collection_id: "not found" };
    if (query === undefined) return null;
    if (query.type !== "native" || !this.databases.some(({ id }) => id === query.database)) return { query: "invalid" };
    const names = new Set([...query.native.query.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name));
    const tags = Object.entries<Kept>(query.native["template-tags"]);
    const isOdd = tags.some(([key, { name, type }]) => key !== name || type !== "text" || !names.has(name));
    return isOdd || tags.length !== names.size ? { "template-tags": "do not fit the query" } : null;
  }

  makeDashboard(body: Kept): Said {
    const made = { id: this.number(), archived: false, parameters: [], dashcards: [], ...body };
    this.dashboards.push(made);
    return { body: made };
  }

  putDashboard(id: number, { dashcards, ...body }: Kept): Said {
    const kept = this.dashboards.find((one) => one.id === id);
    if (kept === undefined) return { status: 404 };
    const wrong = this.#wrongDashcards(kept, dashcards ?? [], body.parameters ?? kept.parameters);
    if (wrong !== null) return { status: 400, body: { errors: wrong } };
    Object.assign(kept, body);
    if (dashcards !== undefined)
      kept.dashcards = dashcards.map((one: Kept) => ({ ...one, id: one.id < 0 ? this.number() : one.id }));
    return { body: this.dashboard(kept) };
  }

  #wrongDashcards(kept: Kept, dashcards: Kept[], parameters: Kept[]): string | null {
    if (new Set(dashcards.map(({ id }) => id)).size !== dashcards.length) return "ids are not unique";
    const known = new Set(kept.dashcards.map(({ id }: Kept) => id));
    const wrongParameter = parameters.map((one) => wrongKeys("parameter", one)).find((one) => one !== null);
    if (wrongParameter) return wrongParameter;
    for (const [at, one] of dashcards.entries()) {
      const wrong = wrongKeys("dashcard", one);
      if (wrong !== null) return wrong;
      if (one.id >= 0 && !known.has(one.id)) return `dashcard ${one.id} is not of this dashboard`;
      if (one.col + one.size_x > 24) return "beyond the grid";
      if (dashcards.slice(at + 1).some((other) => overlap(one, other))) return "dashcards overlap";
      const card = this.cards.find(({ id }) => id === one.card_id);
      if (one.card_id !== null && (card === undefined || card.archived)) return `card ${one.card_id} is not there`;
      for (const mapping of one.parameter_mappings ?? []) {
        const { parameter_id, target, card_id } = mapping;
        const tags: Kept[] = card.dataset_query.stages[0]["template-tags"];
        const fits = tags.some(({ name }) => name === target[1][1]) && parameters.some(({ id }) => id === parameter_id);
        if (wrongKeys("mapping", mapping) || card_id !== one.card_id || !fits) return "a mapping leads nowhere";
      }
    }
    return null;
  }

  dashboard(kept: Kept): Kept {
    const dashcards = kept.dashcards.map((one: Kept) => ({
      ...one,
      created_at: "2026-11-30T00:00:00Z",
      card: this.cards.find(({ id }) => id === one.card_id) ?? null,
    }));
    return { ...kept, dashcards, can_write: true };
  }

  /** 202 whatever comes of it. */
  async query(card: Kept, values: Record<string, string[]>, run: Run): Promise<Said> {
    const bound: string[] = [];
    const sql = (card.dataset_query.stages[0].native as string)
      .replace(/\[\[([^[\]]*?)\{\{(\w+)\}\}([^[\]]*?)\]\]/g, (_, before, name, after) =>
        values[name] === undefined ? "" : `${before}{{${name}}}${after}`,
      )
      .replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]!.map((value) => `$${bound.push(value)}`).join(", "));
    try {
      const rows = (await run(sql, bound)).slice(0, MOST_ROWS);
      const cols = Object.keys(rows[0] ?? {}).map((name) => ({ name }));
      const data = { rows: rows.map((row) => cols.map(({ name }) => row[name])), cols };
      return { status: 202, body: { status: "completed", row_count: rows.length, data } };
    } catch (error) {
      const data = { rows: [], cols: [] };
      return { status: 202, body: { status: "failed", row_count: 0, data, error: (error as Error).message } };
    }
  }
}

const blank = (key: string): Said => ({
  status: 400,
  body: { errors: { [key]: "value must be a non-blank string." } },
});

const overlap = (a: Kept, b: Kept) =>
  a.col < b.col + b.size_x && b.col < a.col + a.size_x && a.row < b.row + b.size_y && b.row < a.row + a.size_y;

/** As it is read back. */
function shown({ details, ...rest }: Kept): Kept {
  const entries = Object.entries(details).map(([key, value]) => [key, SECRET.includes(key) ? MASK : value]);
  return { ...rest, details: Object.fromEntries(entries) };
}

function mbql5({ database, native }: Kept): Kept {
  const stage = {
    "lib/type": "mbql.stage/native",
    native: native.query,
    "template-tags": Object.values(native["template-tags"]),
  };
  return { "lib/type": "mbql/query", database, stages: [stage] };
}
