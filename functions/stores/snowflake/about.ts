import type { AboutStore } from "../about.ts";
import { escapedText, quotedName } from "../sql-text.ts";
import { sqlAlchemyUri } from "../sqlalchemy-uri.ts";
import { access } from "./access.ts";

const open: AboutStore["open"] = async (login) =>
  (await import("./deployed.ts")).store.open({ writer: login, reader: login });

/** Snowflake: a schema of a database, a warehouse, and users that log in by key pair. */
export const snowflake: AboutStore<"snowflake"> = {
  title: "Snowflake",
  address: {
    schemes: ["snowflake"],
    help: [
      "snowflake://WRITER@ORGANIZATION-ACCOUNT/DATABASE/SCHEMA?warehouse=W&role=R",
      "SNOWFLAKE_PRIVATE_KEY_PATH names the file with the private key",
      "(PKCS#8, PEM)",
    ],
    openUrl: (given) =>
      open({
        driver: "snowflake",
        user: given.user(),
        account: given.url.hostname,
        ...given.path("database", "schema"),
        ...given.parameters({ warehouse: null, role: null }, ["accessUrl"]),
        privateKey: given.file("SNOWFLAKE_PRIVATE_KEY_PATH", "the file with the private key"),
      }),
  },
  externals: [
    {
      by: "snowflake-sdk",
      modules: [
        // Stages, to which PUT uploads and GET downloads: only queries and inserts are sent.
        "@aws-sdk/client-s3",
        "@azure/storage-blob",
        "@smithy/node-http-handler",
        "mime-types",
        // Workload identities, OAuth and browsers: service users log in by key pair.
        "@aws-crypto/sha256-js",
        "@aws-sdk/client-sts",
        "@aws-sdk/credential-provider-node",
        "@aws-sdk/ec2-metadata-service",
        "@azure/identity",
        "@smithy/protocol-http",
        "@smithy/signature-v4",
        "google-auth-library",
        "oauth4webapi",
        "open",
      ],
    },
    // The rules of 600 time zones, read at every start: each statement is sent with TIMEZONE = UTC
    // (connection.ts).
    {
      by: "moment-timezone",
      modules: ["./data/packed/latest.json"],
      instead: { version: "UTC", zones: ["UTC|UTC|0|0|"], links: [], countries: [] },
    },
  ],
  visualizers: {
    supersetBlank: {
      uri: "snowflake://READER@ACCOUNT/DATABASE/SCHEMA?role=ROLE&warehouse=WAREHOUSE",
      schema: "INTEGRAVIZ",
    },
    superset: ({ account, database, schema, user, role, warehouse, privateKey }) => ({
      sqlalchemy_uri: sqlAlchemyUri("snowflake", `${account}/${database}/${schema}`, { role, warehouse }, user),
      masked_encrypted_extra: JSON.stringify({
        auth_method: "keypair",
        auth_params: { privatekey_body: privateKey, privatekey_pass: null },
      }),
    }),
    // `encrypted_extra_sensitive_fields` of Superset 6.1.
    supersetSecrets: ({ privateKey }) => ({ extra: { "$.auth_params.privatekey_body": privateKey } }),
    masked: (reader, mask) => ({ ...reader, privateKey: mask }),
    metabase: ({ account, user, privateKey, role, warehouse, database }) => ({
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
    }),
  },
  dashboards: {
    costs: true,
    types: { text: "VARCHAR", integer: "BIGINT", number: "FLOAT", time: "TIMESTAMP_NTZ", flag: "BOOLEAN" },
    jsonText: (column) => `TO_JSON(${column})`,
    textIn: (column, object, field) => `CAST(GET_PATH(${column}, '${object}.${field}') AS VARCHAR)`,
    newest: (column) => `MAX_BY(${column}, started_at)`,
    quotedName,
    quotedText: escapedText,
  },
  views: ({ schema }) => schema,
  access,
  open,
};
