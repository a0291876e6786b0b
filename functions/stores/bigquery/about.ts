import type { AboutStore } from "../about.ts";
import { escapedText } from "../sql-text.ts";
import { sqlAlchemyUri } from "../sqlalchemy-uri.ts";
import { access } from "./access.ts";

const open: AboutStore["open"] = async (login) =>
  (await import("./deployed.ts")).store.open({ writer: login, reader: login });

/** BigQuery: a dataset of events, one of views, and service accounts. */
export const bigquery: AboutStore<"bigquery"> = {
  title: "BigQuery",
  address: {
    schemes: ["bigquery"],
    help: [
      "bigquery://PROJECT/DATASET?location=L",
      "the dataset of the events; you are whom Application Default",
      "Credentials say (gcloud auth application-default login, or the",
      "file that GOOGLE_APPLICATION_CREDENTIALS names)",
    ],
    async openUrl(given) {
      const { dataset = "" } = given.path("dataset");
      const views = dataset.replace(/_events$/, "_views");
      return open({
        driver: "bigquery",
        project: given.url.hostname,
        dataset,
        ...given.parameters({ location: null, views }, ["endpoint"]),
        auth: { by: "ambient" },
      });
    },
  },
  externals: [
    // The streams of Node since version 18.
    { by: "fetch-blob", modules: ["web-streams-polyfill/dist/ponyfill.es2018.js"] },
  ],
  visualizers: {
    supersetBlank: { uri: "bigquery://PROJECT/integraviz_views?location=LOCATION", schema: "integraviz_views" },
    superset: ({ project, views, location, key }) => ({
      sqlalchemy_uri: sqlAlchemyUri("bigquery", `${project}/${views}`, { location }),
      masked_encrypted_extra: JSON.stringify(key === undefined ? {} : { credentials_info: JSON.parse(key) }),
    }),
    supersetSecrets({ key }) {
      const secret: string | undefined = key === undefined ? undefined : JSON.parse(key).private_key;
      // `encrypted_extra_sensitive_fields` of Superset 6.1.
      return secret ? { extra: { "$.credentials_info.private_key": secret } } : {};
    },
    masked(reader, mask) {
      if (reader.key === undefined) return reader;
      return { ...reader, key: JSON.stringify({ ...JSON.parse(reader.key), private_key: mask }) };
    },
    metabase({ project, views, key }) {
      if (key === undefined)
        throw new Error("Metabase reads BigQuery with a service account's key, and there is none.");
      return {
        engine: "bigquery-cloud-sdk",
        details: {
          "project-id": project,
          "service-account-json": key,
          "dataset-filters-type": "inclusion",
          "dataset-filters-patterns": views,
        },
      };
    },
  },
  dashboards: {
    costs: true,
    types: { text: "STRING", integer: "INTEGER", number: "FLOAT", time: "TIMESTAMP", flag: "BOOLEAN" },
    jsonText: (column) => `TO_JSON_STRING(${column})`,
    textIn: (column, object, field) => `JSON_VALUE(${column}, '$.${object}.${field}')`,
    newest: (column) => `ARRAY_AGG(${column} ORDER BY started_at DESC, run LIMIT 1)[OFFSET(0)]`,
    quotedName: (name) => `\`${name}\``,
    quotedText: escapedText,
  },
  views: ({ views }) => views,
  access,
  open,
};
