import { aboutStores } from "../../functions/stores/about-stores.ts";
import { identity } from "../identity.ts";
import type { Json, JsonObject } from "../json.ts";
import { described, ownedBy } from "../owned-by.ts";
import { SpecError } from "../read-spec.ts";
import {
  type DashboardSpec,
  type DataPanel,
  type Dataset,
  type Dialect,
  isData,
  panelsOf,
  selectIn,
  sqlIn,
} from "../spec.ts";
import { formData, queryOf } from "./chart.ts";
import { metadata, position } from "./layout.ts";

/** How Superset reaches the storage, without any secret. */
export interface Connection {
  dialect: Dialect;
  /** The password in it is masked. */
  uri: string;
  /** JSON, its secrets masked. */
  encryptedExtra: string;
  /** Where the views lie. */
  schema: string;
  /** Tells one set of secrets from another and gives none away; "" where there is none. */
  fingerprint: string;
}

export interface CompileOptions {
  /** One deployment, one name: what it makes is told from others' by it. */
  name: string;
  connection: Connection;
  /** Of a database that is registered under the name already. */
  databaseUuid?: string | undefined;
}

/** A panel's chart, and how to ask for its data. */
export interface CompiledPanel {
  dashboard: string;
  panel: string;
  view: string;
  chart: string;
  query: JsonObject;
}

export interface Compiled {
  /** Path in the bundle -> content. */
  assets: Record<string, JsonObject>;
  panels: CompiledPanel[];
  /** Key of a dashboard -> its uuid and slug. */
  dashboards: Record<string, { uuid: string; slug: string }>;
}

/** Where the bundle keeps the database, which is also how its secrets are named beside it. */
export const DATABASE_FILE = "databases/store.yaml";
const VERSION = "1.0.0";

/**
 * Makes of dashboards what Superset imports: the same dashboards and options give the same assets,
 * under the same identities.
 */
export function compile(specs: readonly DashboardSpec[], options: CompileOptions): Compiled {
  const { name } = options;
  const database = options.databaseUuid ?? identity(name, "database");
  const datasets = allDatasets(specs);
  const datasetUuids = new Map([...datasets.keys()].map((key) => [key, identity(name, "dataset", key)]));
  const assets: Record<string, JsonObject> = {
    "metadata.yaml": { version: VERSION, type: "assets", timestamp: "2026-01-01T00:00:00+00:00" },
    [DATABASE_FILE]: databaseAsset(options, database),
  };
  for (const [key, dataset] of datasets)
    assets[`datasets/store/${key}.yaml`] = datasetAsset(dataset, options, {
      uuid: datasetUuids.get(key)!,
      database,
    });
  const panels: CompiledPanel[] = [];
  const dashboards: Compiled["dashboards"] = {};
  let placeholder = 0;
  for (const spec of specs) {
    const data = panelsOf(spec).filter(isData);
    const charts = new Map(
      data.map(({ key }) => [key, { uuid: identity(name, "chart", spec.key, key), placeholder: ++placeholder }]),
    );
    for (const panel of data) {
      const chart = charts.get(panel.key)!.uuid;
      assets[`charts/${spec.key}-${panel.key}.yaml`] = chartAsset(panel, name, {
        uuid: chart,
        dataset: datasetUuids.get(panel.dataset)!,
      });
      panels.push({
        dashboard: spec.key,
        panel: panel.key,
        view: datasets.get(panel.dataset)!.view,
        chart,
        query: queryOf(panel),
      });
    }
    const uuid = identity(name, "dashboard", spec.key);
    const slug = `${name}-${spec.key}`;
    const known = { charts, datasets: datasetUuids };
    dashboards[spec.key] = { uuid, slug };
    assets[`dashboards/${spec.key}.yaml`] = {
      uuid,
      version: VERSION,
      dashboard_title: spec.title,
      slug,
      description: described(spec.description, ownedBy(name)),
      published: true,
      css: "",
      is_managed_externally: true,
      position: position(spec, known),
      metadata: metadata(spec, options.connection.dialect, known),
    };
  }
  return { assets, panels, dashboards };
}

/** Dashboards may share a dataset, and then have to mean the same by its name. */
function allDatasets(specs: readonly DashboardSpec[]): Map<string, Dataset> {
  const all = new Map<string, { dataset: Dataset; by: string }>();
  for (const { key: by, datasets } of specs)
    for (const [key, dataset] of Object.entries(datasets)) {
      const other = all.get(key);
      if (other !== undefined && JSON.stringify(other.dataset) !== JSON.stringify(dataset))
        throw new SpecError(
          `The dashboards ${other.by} and ${by} both have a dataset ${key}, and not the same one: give one another name.`,
        );
      all.set(key, { dataset, by });
    }
  return new Map([...all].map(([key, { dataset }]) => [key, dataset]));
}

function databaseAsset({ name, connection }: CompileOptions, uuid: string): JsonObject {
  return {
    uuid,
    version: VERSION,
    database_name: name,
    sqlalchemy_uri: connection.uri,
    // An empty one is refused under the name of the other, and takes back what was there.
    [connection.encryptedExtra === "{}" ? "encrypted_extra" : "masked_encrypted_extra"]: connection.encryptedExtra,
    // `version` takes any text, and no other field of a database comes back that does.
    extra: { allows_virtual_table_explore: true, version: connection.fingerprint },
    expose_in_sqllab: true,
    allow_csv_upload: false,
    allow_run_async: false,
    allow_ctas: false,
    allow_cvas: false,
    allow_dml: false,
    cache_timeout: null,
  };
}

function datasetAsset(
  dataset: Dataset,
  { name, connection: { dialect, schema } }: CompileOptions,
  ids: { uuid: string; database: string },
): JsonObject {
  return {
    uuid: ids.uuid,
    database_uuid: ids.database,
    version: VERSION,
    table_name: dataset.view,
    schema,
    sql: dataset.sql === undefined ? null : selectIn(dataset.sql, dialect),
    main_dttm_col: dataset.time ?? null,
    description: ownedBy(name),
    offset: 0,
    cache_timeout: null,
    filter_select_enabled: true,
    columns: dataset.columns.map((column): Json => {
      const isMeasured = column.type === "number";
      return {
        column_name: column.name,
        verbose_name: column.label ?? null,
        type: aboutStores[dialect].dashboards.types[column.type],
        is_dttm: column.type === "time",
        is_active: true,
        groupby: !isMeasured,
        filterable: true,
        expression: column.sql === undefined ? null : sqlIn(column.sql, dialect),
      };
    }),
    metrics: dataset.measures.map(
      (measure): Json => ({
        metric_name: measure.name,
        verbose_name: measure.label,
        expression: sqlIn(measure.sql, dialect),
      }),
    ),
  };
}

function chartAsset(panel: DataPanel, name: string, ids: { uuid: string; dataset: string }): JsonObject {
  const params = formData(panel);
  return {
    uuid: ids.uuid,
    dataset_uuid: ids.dataset,
    version: VERSION,
    slice_name: panel.title,
    viz_type: params.viz_type,
    description: described(panel.description ?? "", ownedBy(name)),
    is_managed_externally: true,
    cache_timeout: null,
    query_context: null,
    params,
  };
}
