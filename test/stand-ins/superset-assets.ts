/**
 * The assets of Superset 6.1 as its import, lists and export were seen to treat them: kept by uuid under ids of its own,
 * overwritten and never deleted by an import, unknown fields refused without a word of them.
 */
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import type { Said } from "./visualizer.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever was imported
type Content = any;
type Folder = "databases" | "datasets" | "charts" | "dashboards";

export interface Asset {
  id: number;
  folder: Folder;
  content: Content;
}

const FIELDS: Record<Folder, string[]> = {
  databases:
    "uuid version database_name sqlalchemy_uri encrypted_extra masked_encrypted_extra extra expose_in_sqllab allow_csv_upload allow_run_async allow_ctas allow_cvas allow_dml cache_timeout".split(
      " ",
    ),
  datasets:
    "uuid database_uuid version table_name schema sql main_dttm_col description offset cache_timeout filter_select_enabled columns metrics".split(
      " ",
    ),
  charts:
    "uuid dataset_uuid version slice_name viz_type description is_managed_externally cache_timeout query_context params".split(
      " ",
    ),
  dashboards:
    "uuid version dashboard_title slug description published css is_managed_externally position metadata".split(" "),
};
const ORDER: Folder[] = ["databases", "datasets", "charts", "dashboards"];

export class SupersetAssets {
  readonly assets = new Map<string, Asset>();
  #ids: Record<Folder, number> = { databases: 0, datasets: 0, charts: 0, dashboards: 0 };

  of(folder: Folder): Asset[] {
    return [...this.assets.values()].filter((asset) => asset.folder === folder);
  }

  byId(folder: Folder, id: number): Asset | undefined {
    return this.of(folder).find((asset) => asset.id === id);
  }

  /** All of a bundle or nothing, and never a reason. */
  import(form: { bundle: Uint8Array; passwords: string; encrypted_extra_secrets: string }): Said {
    const before = structuredClone([...this.assets]);
    try {
      this.#import(form);
      return { body: { message: "OK" } };
    } catch {
      this.assets.clear();
      for (const [uuid, asset] of before) this.assets.set(uuid, asset);
      return { status: 500, body: { errors: [{ message: "Import failed for an unknown reason" }] } };
    }
  }

  #import(form: { bundle: Uint8Array; passwords: string; encrypted_extra_secrets: string }): void {
    const passwords = JSON.parse(form.passwords);
    const secrets = JSON.parse(form.encrypted_extra_secrets);
    const files = Object.entries(unzipSync(form.bundle)).map(
      ([path, bytes]) => [path.slice(path.indexOf("/") + 1), JSON.parse(strFromU8(bytes)) as Content] as const,
    );
    if (files.find(([path]) => path === "metadata.yaml")?.[1].type !== "assets") throw new Error("type");
    for (const folder of ORDER)
      for (const [path, content] of files.filter(([one]) => one.startsWith(`${folder}/`))) {
        if (Object.keys(content).some((key) => !FIELDS[folder].includes(key)))
          throw new Error(`${path}: unknown field`);
        if (folder === "databases") openSecrets(content, passwords[path], secrets[path]);
        if (folder === "dashboards") this.#renumber(content);
        if (folder === "databases" && this.#isNameTaken(content)) throw new Error("the name is taken");
        this.assets.set(content.uuid, {
          id: this.assets.get(content.uuid)?.id ?? ++this.#ids[folder],
          folder,
          content: {
            ...content,
            ...(folder === "charts" ? { params: { ...content.params, datasource: "1__table" } } : {}),
          },
        });
      }
  }

  #isNameTaken({ database_name, uuid }: Content): boolean {
    return this.of("databases").some(({ content }) => content.database_name === database_name && content.uuid !== uuid);
  }

  /** Numbers of charts are placeholders, and become ids. */
  #renumber({ position, metadata }: Content): void {
    const ids = new Map<number, number>();
    for (const { type, meta } of Object.values<Content>(position)) {
      if (type !== "CHART") continue;
      const chart = this.assets.get(meta.uuid) as Asset;
      ids.set(meta.chartId, chart.id);
      meta.chartId = chart.id;
    }
    for (const { scope } of metadata.native_filter_configuration)
      scope.excluded = scope.excluded.map((number: number) => ids.get(number) as number);
  }

  list(kind: string, query: string): Said {
    const value = /opr:\w+,value:'?(.*?)'?\)\)/.exec(query)?.[1]?.replaceAll("!", "") ?? "";
    const rows: Record<string, () => Content[]> = {
      database: () =>
        this.of("databases").flatMap(({ id, content }) =>
          content.database_name === value ? [{ id, uuid: content.uuid }] : [],
        ),
      chart: () =>
        this.of("charts").flatMap(({ id, content }) =>
          content.description.includes(value)
            ? [
                {
                  id,
                  uuid: content.uuid,
                  slice_name: content.slice_name,
                  description: content.description,
                  datasource_id: this.assets.get(content.dataset_uuid)?.id,
                  dashboards: this.of("dashboards").flatMap((one) =>
                    JSON.stringify(one.content.position).includes(content.uuid)
                      ? [{ id: one.id, dashboard_title: one.content.dashboard_title }]
                      : [],
                  ),
                },
              ]
            : [],
        ),
      dataset: () =>
        this.of("datasets").flatMap(({ id, content }) =>
          this.assets.get(content.database_uuid)?.id === Number(value)
            ? [{ id, uuid: content.uuid, table_name: content.table_name, description: content.description }]
            : [],
        ),
    };
    const result = rows[kind]?.() ?? [];
    return { body: { result, count: result.length } };
  }

  /** A ZIP of dashboards and all that they show, secrets masked and some fields left out. */
  export(ids: number[]): Uint8Array {
    const dashboards = this.of("dashboards").filter(({ id }) => ids.includes(id));
    const charts = this.of("charts").filter(({ content: { uuid } }) =>
      dashboards.some(({ content }) => JSON.stringify(content.position).includes(uuid)),
    );
    const datasets = this.of("datasets").filter(
      ({ content: { uuid } }) =>
        charts.some(({ content }) => content.dataset_uuid === uuid) ||
        JSON.stringify(dashboards.map(({ content }) => content.metadata)).includes(uuid),
    );
    const databases = this.of("databases").filter(({ content: { uuid } }) =>
      datasets.some(({ content }) => content.database_uuid === uuid),
    );
    const files = [...databases, ...datasets, ...charts, ...dashboards].map(({ folder, id, content }) => {
      const { is_managed_externally, encrypted_extra, masked_encrypted_extra, password, ...shown } = content;
      return [`dashboard_export/${folder}/${id}.yaml`, strToU8(JSON.stringify(shown))] as const;
    });
    return zipSync({ "dashboard_export/metadata.yaml": strToU8("{}"), ...Object.fromEntries(files) });
  }
}

/** The URI keeps its mask, and the secrets stand beside it. */
function openSecrets(database: Content, password?: string, secrets: Record<string, string> = {}): void {
  if (password !== undefined) database.password = password;
  if (database.masked_encrypted_extra === "{}") throw new Error("may not be empty");
  const extra = JSON.parse(database.masked_encrypted_extra ?? database.encrypted_extra);
  for (const [path, secret] of Object.entries(secrets)) {
    const [, outer, inner] = path.split(".") as [string, string, string];
    extra[outer][inner] = secret;
  }
  delete database.masked_encrypted_extra;
  database.encrypted_extra = JSON.stringify(extra);
}
