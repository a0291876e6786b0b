import type { AboutStore } from "../about.ts";
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
    superset: ({ project, views, location, key }) => ({
      sqlalchemy_uri: sqlAlchemyUri("bigquery", `${project}/${views}`, { location }),
      masked_encrypted_extra: JSON.stringify(key === undefined ? {} : { credentials_info: JSON.parse(key) }),
    }),
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
  access,
  open,
};
