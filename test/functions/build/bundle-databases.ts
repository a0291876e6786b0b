import type { BigqueryLogin } from "../../../functions/stores/bigquery/client.ts";
import { store as bigquery } from "../../../functions/stores/bigquery/deployed.ts";
import type { DeployedStore } from "../../../functions/stores/deployed.ts";
import { store as snowflake } from "../../../functions/stores/snowflake/deployed.ts";
import { isRealBigquery, startBigquery } from "../../stand-ins/bigquery-server.ts";
import { hasPython } from "../../stand-ins/python-server.ts";
import { emptySchema, hasSnowflake } from "../stores/snowflake/subject.ts";

/** A login as `splitLogin` of `contract/login.ts` gives it. */
export interface SplitLogin {
  plain: { driver: string };
  secrets: Record<string, string>;
}

export interface BundleDatabase {
  owner: SplitLogin;
  writer: SplitLogin;
  reader: SplitLogin;
  close(): Promise<void>;
}

/** The databases that the other bundles are tried on; PostgreSQL has its own tests. */
export interface BundleSubject {
  kind: "snowflake" | "bigquery";
  isThere: boolean;
  /** Without a schema. */
  open(): Promise<BundleDatabase>;
  store: DeployedStore;
}

export const bundleSubjects: readonly BundleSubject[] = [
  {
    kind: "snowflake",
    isThere: hasSnowflake,
    store: snowflake,
    async open() {
      const { login, drop } = await emptySchema();
      const { privateKey, ...plain } = login;
      const same = { plain: { driver: "snowflake", ...plain }, secrets: { privateKey } };
      return { owner: same, writer: same, reader: same, close: drop };
    },
  },
  {
    kind: "bigquery",
    isThere: hasPython || isRealBigquery,
    store: bigquery,
    async open() {
      const { owner, writer, reader, stop } = await startBigquery();
      return { owner: splitBigquery(owner), writer: splitBigquery(writer), reader: splitBigquery(reader), close: stop };
    },
  },
];

function splitBigquery({ auth, ...plain }: BigqueryLogin): SplitLogin {
  const login = { driver: "bigquery", ...plain };
  if (auth.by !== "key") return { plain: { ...login, auth } as SplitLogin["plain"], secrets: {} };
  return { plain: { ...login, auth: { by: "key" } } as SplitLogin["plain"], secrets: { key: auth.key } };
}

/** The variables of a migration bundle. */
export function migrationEnvironment({ owner }: BundleDatabase): Record<string, string> {
  return {
    INTEGRAVIZ_STORE: JSON.stringify(owner.plain),
    INTEGRAVIZ_SECRETS: JSON.stringify({ store: owner.secrets }),
  };
}

/** The variables of a bundle with the handler in it, and of a worker. */
export function handlerEnvironment(
  { writer, reader }: Pick<BundleDatabase, "writer" | "reader">,
  tokenKeys: object[],
): Record<string, string> {
  return {
    INTEGRAVIZ_STORE: JSON.stringify(writer.plain),
    INTEGRAVIZ_READER: JSON.stringify(reader.plain),
    INTEGRAVIZ_SECRETS: JSON.stringify({ store: writer.secrets, reader: reader.secrets, tokenKeys }),
    INTEGRAVIZ_LIMITS: JSON.stringify({ bodyBytes: 4_500_000, seconds: 29, stream: "poll" }),
  };
}
