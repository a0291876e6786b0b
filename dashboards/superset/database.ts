import type { Login } from "../../contract/login.ts";
import type { SupersetDatabase } from "../../functions/stores/about.ts";
import { aboutStores } from "../../functions/stores/about-stores.ts";
import { fingerprint } from "../fingerprint.ts";
import { type Connection, DATABASE_FILE } from "./compile.ts";

/** How Superset writes a secret that it does not show, and takes one that stays as it is. */
const MASK = "XXXXXXXXXX";

/** A connection apart from its secrets, which travel as fields of the form beside the bundle. */
export interface SplitConnection {
  connection: Connection;
  /** The form's fields `passwords` and `encrypted_extra_secrets`, as JSON. */
  secrets: { passwords: string; encrypted_extra_secrets: string };
}

/** @param name of the deployment, which salts the fingerprint of the secrets */
export function splitConnection(reader: Login, name: string): SplitConnection {
  const { visualizers, views } = aboutStores[reader.driver];
  const masked = visualizers.superset(visualizers.masked(reader, MASK));
  const { password, extra } = visualizers.supersetSecrets(reader);
  return {
    connection: {
      dialect: reader.driver,
      uri: masked.sqlalchemy_uri,
      encryptedExtra: masked.masked_encrypted_extra,
      schema: views(reader),
      fingerprint: fingerprint(reader, name),
    },
    secrets: {
      passwords: JSON.stringify(password === undefined ? {} : { [DATABASE_FILE]: password }),
      encrypted_extra_secrets: JSON.stringify(extra === undefined ? {} : { [DATABASE_FILE]: extra }),
    },
  };
}

/** Returns how Superset reads the storage, as the store itself tells it. */
export function supersetDatabase(reader: Login): SupersetDatabase {
  return aboutStores[reader.driver].visualizers.superset(reader);
}
