/** A reader's login to each storage, with secrets that are easily found. */
import type { Login } from "../../../contract/login.ts";

export const PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----\n${"PRIVATE/KEY/IN/THE/CLEAR+".repeat(3)}\n-----END PRIVATE KEY-----\n`;

export const readers = {
  postgres: {
    driver: "postgres",
    host: "db",
    port: 5432,
    database: "integraviz",
    user: "integraviz_reader_1",
    password: "READER/PASSWORD",
    tls: { mode: "verify-full" },
  },
  snowflake: {
    driver: "snowflake",
    account: "ACME-LAB",
    user: "READER",
    privateKey: PRIVATE_KEY,
    role: "R",
    warehouse: "W",
    database: "D",
    schema: "S",
  },
  bigquery: {
    driver: "bigquery",
    project: "my-project",
    dataset: "events",
    views: "views",
    location: "EU",
    auth: { by: "key" },
    key: JSON.stringify({ type: "service_account", private_key: PRIVATE_KEY }),
  },
} satisfies Record<string, Login>;
