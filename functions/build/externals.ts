/**
 * What drivers bring for ways in and out that are not ours. In a bundle an empty module stands in
 * the place of each, so that it is neither sent nor loaded: who came to need one would get "is not
 * a constructor" and remove its line.
 */
export interface External {
  /** The package that asks. */
  by: string;
  /** As it asks for them. */
  modules: readonly string[];
  /** What they are given in its place; an empty object by default. */
  instead?: object;
}

export const externals: readonly External[] = [
  // Bindings to libpq, for who sets NODE_PG_FORCE_NATIVE, and a file of passwords, for who gives
  // none.
  { by: "pg", modules: ["./native", "pgpass"] },
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
  // (snowflake/connection.ts).
  {
    by: "moment-timezone",
    modules: ["./data/packed/latest.json"],
    instead: { version: "UTC", zones: ["UTC|UTC|0|0|"], links: [], countries: [] },
  },
  // The streams of Node since version 18.
  { by: "fetch-blob", modules: ["web-streams-polyfill/dist/ponyfill.es2018.js"] },
];
