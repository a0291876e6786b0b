import type { Login } from "../../contract/login.ts";

/** The fields of Superset's POST and PUT /api/v1/database/ that say how it reads the storage. */
export interface SupersetDatabase {
  sqlalchemy_uri: string;
  /** JSON: what may not stand in the URI. "{}" takes back what the storage before left there. */
  masked_encrypted_extra: string;
}

/** How Superset 6.1 names a connection; see superset/db_engine_specs for the keys of each. */
export function supersetDatabase(reader: Login): SupersetDatabase {
  switch (reader.driver) {
    case "postgres": {
      const { host, port, database, user, password, tls } = reader;
      // The CA is not in its container: encrypted, and not verified.
      const ssl = tls.mode === "off" ? "disable" : "require";
      return {
        sqlalchemy_uri: uri("postgresql+psycopg2", `${host}:${port}/${database}`, { sslmode: ssl }, user, password),
        masked_encrypted_extra: "{}",
      };
    }
    case "snowflake": {
      const { account, database, schema, user, role, warehouse, privateKey } = reader;
      return {
        sqlalchemy_uri: uri("snowflake", `${account}/${database}/${schema}`, { role, warehouse }, user),
        masked_encrypted_extra: JSON.stringify({
          auth_method: "keypair",
          auth_params: { privatekey_body: privateKey, privatekey_pass: null },
        }),
      };
    }
    case "bigquery": {
      const { project, views, location, key } = reader;
      return {
        sqlalchemy_uri: uri("bigquery", `${project}/${views}`, { location }),
        masked_encrypted_extra: JSON.stringify(key === undefined ? {} : { credentials_info: JSON.parse(key) }),
      };
    }
  }
}

function uri(scheme: string, address: string, query: Record<string, string>, user?: string, password?: string): string {
  const secret = password === undefined ? "" : `:${encodeURIComponent(password)}`;
  const who = user === undefined ? "" : `${encodeURIComponent(user)}${secret}@`;
  return `${scheme}://${who}${address}?${new URLSearchParams(query)}`;
}
