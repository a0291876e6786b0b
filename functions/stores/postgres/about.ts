import type { AboutStore } from "../about.ts";
import { quotedName, quotedText } from "../sql-text.ts";
import { sqlAlchemyUri } from "../sqlalchemy-uri.ts";
import { access } from "./access.ts";

/** PostgreSQL: one database, and users with passwords. */
export const postgres: AboutStore<"postgres"> = {
  title: "PostgreSQL",
  address: {
    schemes: ["postgres", "postgresql"],
    help: ["postgres://WRITER:PASSWORD@HOST/DATABASE"],
    // The driver's own form, whose parameters are the driver's.
    async openUrl({ url }) {
      const { openPostgresStore } = await import("./postgres.ts");
      return openPostgresStore({ writerUrl: String(url), readerUrl: String(url) });
    },
  },
  externals: [
    // Bindings to libpq, for who sets NODE_PG_FORCE_NATIVE, and a file of passwords, for who gives
    // none.
    { by: "pg", modules: ["./native", "pgpass"] },
  ],
  visualizers: {
    supersetBlank: {
      uri: "postgresql+psycopg2://READER:XXXXXXXXXX@HOST:5432/DATABASE?sslmode=require",
      schema: "integraviz",
    },
    superset({ host, port, database, user, password, tls }) {
      // The CA is not in its container: encrypted, and not verified.
      const sslmode = tls.mode === "off" ? "disable" : "require";
      return {
        sqlalchemy_uri: sqlAlchemyUri(
          "postgresql+psycopg2",
          `${host}:${port}/${database}`,
          { sslmode },
          user,
          password,
        ),
        masked_encrypted_extra: "{}",
      };
    },
    supersetSecrets: ({ password }) => ({ password }),
    masked: (reader, mask) => ({ ...reader, password: mask }),
    metabase({ host, port, database, user, password, tls }) {
      const ssl = tls.mode === "off" ? { ssl: false } : { ssl: true, "ssl-mode": "require" };
      return { engine: "postgres", details: { host, port, dbname: database, user, password, ...ssl } };
    },
  },
  dashboards: {
    costs: false,
    types: {
      text: "TEXT",
      integer: "BIGINT",
      number: "DOUBLE PRECISION",
      time: "TIMESTAMP WITH TIME ZONE",
      flag: "BOOLEAN",
    },
    jsonText: (column) => `CAST(${column} AS text)`,
    textIn: (column, object, field) => `${column} -> '${object}' ->> '${field}'`,
    newest: (column) => `(ARRAY_AGG(${column} ORDER BY started_at DESC, run))[1]`,
    quotedName,
    quotedText,
  },
  views: () => "integraviz",
  access,
  open: async (login) => (await import("./deployed.ts")).store.open({ writer: login, reader: login }),
};
