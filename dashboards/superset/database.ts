import { scryptSync } from "node:crypto";
import type { Login } from "../../contract/login.ts";
import { splitLogin } from "../../contract/login.ts";
import type { Dialect } from "../spec.ts";
import { type Connection, DATABASE_FILE } from "./compile.ts";

/** The fields of Superset's POST and PUT /api/v1/database/ that say how it reads the storage. */
export interface SupersetDatabase {
  sqlalchemy_uri: string;
  /** JSON: what may not stand in the URI. "{}" takes back what the storage before left there. */
  masked_encrypted_extra: string;
}

/** How Superset writes a secret that it does not show, and takes one that stays as it is. */
const MASK = "XXXXXXXXXX";

/** Superset 6.1's own names of what it encrypts (`encrypted_extra_sensitive_fields`). */
const PRIVATE_KEY = "$.auth_params.privatekey_body";
const CREDENTIALS_KEY = "$.credentials_info.private_key";

/** A connection apart from its secrets, which travel as fields of the form beside the bundle. */
export interface SplitConnection {
  connection: Connection;
  /** The form's fields `passwords` and `encrypted_extra_secrets`, as JSON. */
  secrets: { passwords: string; encrypted_extra_secrets: string };
}

/** @param name of the deployment, which salts the fingerprint of the secrets */
export function splitConnection(reader: Login, name: string): SplitConnection {
  const open = supersetDatabase(reader);
  const masked = supersetDatabase(maskedLogin(reader));
  return {
    connection: {
      dialect: reader.driver satisfies Dialect,
      uri: masked.sqlalchemy_uri,
      encryptedExtra: masked.masked_encrypted_extra,
      schema: schemaOf(reader),
      fingerprint: fingerprint(reader, name),
    },
    secrets: {
      passwords: JSON.stringify(reader.driver === "postgres" ? { [DATABASE_FILE]: reader.password } : {}),
      encrypted_extra_secrets: JSON.stringify(extraSecrets(reader, open)),
    },
  };
}

/** Where a login finds the views. */
export function schemaOf(reader: Login): string {
  if (reader.driver === "snowflake") return reader.schema;
  return reader.driver === "bigquery" ? reader.views : "integraviz";
}

function extraSecrets(reader: Login, open: SupersetDatabase): Record<string, Record<string, string>> {
  if (reader.driver === "snowflake") return { [DATABASE_FILE]: { [PRIVATE_KEY]: reader.privateKey } };
  const key = reader.driver === "bigquery" && JSON.parse(open.masked_encrypted_extra).credentials_info?.private_key;
  return key ? { [DATABASE_FILE]: { [CREDENTIALS_KEY]: key } } : {};
}

function maskedLogin(reader: Login): Login {
  if (reader.driver === "postgres") return { ...reader, password: MASK };
  if (reader.driver === "snowflake") return { ...reader, privateKey: MASK };
  if (reader.key === undefined) return reader;
  return { ...reader, key: JSON.stringify({ ...JSON.parse(reader.key), private_key: MASK }) };
}

/** Slow on purpose: Superset shows it to who may see the database, and a password may be short. */
function fingerprint(reader: Login, name: string): string {
  const secrets = JSON.stringify(splitLogin<unknown>(reader).secrets);
  if (secrets === "{}") return "";
  return scryptSync(secrets, `integraviz ${name}`, 16, { N: 2 ** 15, maxmem: 2 ** 26 }).toString("hex");
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
