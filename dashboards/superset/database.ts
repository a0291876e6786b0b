import { scryptSync } from "node:crypto";
import type { Login } from "../../contract/login.ts";
import { splitLogin } from "../../contract/login.ts";
import type { SupersetDatabase } from "../../functions/stores/about.ts";
import { aboutStores } from "../../functions/stores/about-stores.ts";
import type { Dialect } from "../spec.ts";
import { type Connection, DATABASE_FILE } from "./compile.ts";

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
  return scryptSync(secrets, `integraviz ${name}`, 16, { N: 2 ** 14 }).toString("hex");
}

/** Returns how Superset reads the storage, as the store itself tells it. */
export function supersetDatabase(reader: Login): SupersetDatabase {
  return aboutStores[reader.driver].visualizers.superset(reader);
}
