import type { Login } from "../../contract/login.ts";

/** `engine` and `details` of Metabase's POST and PUT /api/database. */
export interface MetabaseDatabase {
  engine: "postgres" | "snowflake" | "bigquery-cloud-sdk";
  details: Record<string, unknown>;
}

export function metabaseDatabase(reader: Login): MetabaseDatabase {
  switch (reader.driver) {
    case "postgres": {
      const { host, port, database, user, password, tls } = reader;
      const ssl = tls.mode === "off" ? { ssl: false } : { ssl: true, "ssl-mode": "require" };
      return { engine: "postgres", details: { host, port, dbname: database, user, password, ...ssl } };
    }
    case "snowflake": {
      const { account, user, privateKey, role, warehouse, database } = reader;
      return {
        engine: "snowflake",
        details: {
          account,
          user,
          role,
          warehouse,
          db: database,
          "use-password": false,
          "private-key-options": "uploaded",
          "private-key-value": `data:application/x-pem-file;base64,${Buffer.from(privateKey).toString("base64")}`,
        },
      };
    }
    case "bigquery": {
      const { project, views, key } = reader;
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
    }
  }
}
