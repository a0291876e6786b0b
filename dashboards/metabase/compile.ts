import { createHash } from "node:crypto";
import type { Login } from "../../contract/login.ts";
import { aboutStores } from "../../functions/stores/about-stores.ts";
import { fingerprint } from "../fingerprint.ts";
import { identity } from "../identity.ts";
import type { Json, JsonObject } from "../json.ts";
import { described, ownedBy } from "../owned-by.ts";
import type { AskedPanel } from "../panel-problem.ts";
import { LINE_POINTS, panelQuery, type Views, valuesQuery } from "../panel-query.ts";
import { isReached } from "../read-spec.ts";
import { type DashboardSpec, type DataPanel, type Dataset, type Filter, isData, panelsOf } from "../spec.ts";
import { chartOf } from "./chart.ts";
import { metabaseDatabase } from "./database.ts";
import { dashcards, parameters } from "./layout.ts";
import { type Asset, reference } from "./reference.ts";

/** All that is to stand in a Metabase; what is numbered there is named here, by references. */
export interface Compiled {
  /** Where people open it, as far as it has to be told. */
  site: string | undefined;
  database: Asset;
  collection: Asset;
  cards: Asset[];
  dashboards: Asset[];
  panels: CompiledPanel[];
  /** Key of a dashboard -> seconds from one refresh to the next. */
  refresh: Record<string, number>;
}

/** A panel, or the values of a filter, with the card that asks for its data. */
export interface CompiledPanel extends AskedPanel {
  card: string;
  /** Key of the dashboard that it is on; the values of a filter are on none. */
  on: string | null;
}

export interface CompileOptions {
  /** One deployment, one name: what it makes is told from others' by it. */
  name: string;
  site?: string | undefined;
  reader: Login;
}

/**
 * Makes of dashboards what has to stand in Metabase 0.64: the same dashboards and options give the
 * same assets. What is made there gets a number; a marker in its description says which it is.
 */
export function compile(specs: readonly DashboardSpec[], { name, site, reader }: CompileOptions): Compiled {
  const views: Views = { dialect: reader.driver, schema: aboutStores[reader.driver].views(reader) };
  const cards = new Map<string, Asset>();
  const panels: CompiledPanel[] = [];
  for (const spec of specs) {
    for (const panel of panelsOf(spec).filter(isData)) {
      const key = `${spec.key}/${panel.key}`;
      cards.set(key, panelCard(panel, spec, { name, views, key }));
      panels.push({
        dashboard: spec.key,
        panel: panel.key,
        view: spec.datasets[panel.dataset]!.view,
        card: key,
        on: spec.key,
      });
    }
    for (const filter of spec.filters) {
      const dataset = spec.datasets[filter.dataset]!;
      const card = valuesCard(filter, dataset, { name, views });
      if (!cards.has(card.key))
        panels.push({
          dashboard: spec.key,
          panel: `filter ${filter.column}`,
          view: dataset.view,
          card: card.key,
          on: null,
        });
      cards.set(card.key, card);
    }
  }
  return {
    site,
    database: databaseAsset(name, reader),
    collection: {
      key: name,
      path: "collections/store",
      body: { name, description: markerOf(name, "collection") },
    },
    cards: [...cards.values()],
    dashboards: specs.map((spec) => dashboardAsset(spec, name, views)),
    panels,
    refresh: Object.fromEntries(specs.map(({ key, refresh }) => [key, refresh[views.dialect]])),
  };
}

const opening = (name: string) => `${ownedBy(name).slice(0, -1)}: `;
/** At the end of a description: whose it is, and which. */
const markerOf = (name: string, key: string): string => `${opening(name)}${key}.`;

/** The key in a description that ends in a marker of this deployment. */
export function keyIn(description: string | null | undefined, name: string): string | undefined {
  const [, marker] = description?.split(opening(name)) ?? [];
  return marker?.endsWith(".") ? marker.slice(0, -1) : undefined;
}

function databaseAsset(name: string, reader: Login): Asset {
  return {
    key: name,
    path: "databases/store",
    body: {
      name,
      ...(metabaseDatabase(reader) as unknown as JsonObject),
      // The values of each column would be looked up every day, and there may be millions.
      is_full_sync: false,
      is_on_demand: false,
      description: markerOf(name, `login ${fingerprint(reader, name) || "without secrets"}`),
      settings: { "unaggregated-query-row-limit": LINE_POINTS },
    },
  };
}

interface CardOptions {
  name: string;
  views: Views;
}

function panelCard(panel: DataPanel, spec: DashboardSpec, { name, views, key }: CardOptions & { key: string }): Asset {
  const tags = spec.filters
    .filter(({ column }) => isReached(panel, column, spec.datasets))
    .map(({ column, label }) => [
      column,
      { id: identity(name, "tag", key, column), name: column, "display-name": label, type: "text" },
    ]);
  const subtitle = panel.kind === "number" ? panel.subtitle : "";
  const text = [panel.description ?? "", subtitle && `${subtitle[0]!.toUpperCase()}${subtitle.slice(1)}.`];
  return card(key, {
    name: panel.title,
    description: described(text.filter(Boolean).join(" "), markerOf(name, key)),
    query: panelQuery(panel, spec, views),
    tags: Object.fromEntries(tags),
    ...chartOf(panel, spec.datasets[panel.dataset]!),
  });
}

/** What a filter offers. Dashboards share it where they offer the same. */
function valuesCard({ column, label }: Filter, dataset: Dataset, { name, views }: CardOptions): Asset {
  const query = valuesQuery(dataset, column, views);
  const key = `values/${column}-${createHash("sha256").update(query).digest("hex").slice(0, 8)}`;
  return card(key, {
    name: `${label}: values of a filter`,
    description: markerOf(name, key),
    query,
    tags: {},
    display: "table",
    visualization_settings: {},
  });
}

function card(
  key: string,
  { query, tags, ...rest }: { name: string; description: string; query: string; tags: Json } & JsonObject,
): Asset {
  return {
    key,
    path: `cards/${key}`,
    body: {
      ...rest,
      type: "question",
      collection_id: reference("collection"),
      dataset_query: { type: "native", database: reference("database"), native: { query, "template-tags": tags } },
    },
  };
}

function dashboardAsset(spec: DashboardSpec, name: string, views: Views): Asset {
  const values = (filter: Filter) => valuesCard(filter, spec.datasets[filter.dataset]!, { name, views }).key;
  return {
    key: spec.key,
    path: `dashboards/${spec.key}`,
    body: {
      name: spec.title,
      description: described(spec.description, markerOf(name, spec.key)),
      collection_id: reference("collection"),
      width: "full",
      auto_apply_filters: true,
      parameters: parameters(spec, values),
      dashcards: dashcards(spec),
    },
  };
}
