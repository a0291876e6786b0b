import { bigquery } from "./bigquery.ts";
import { postgres } from "./postgres.ts";
import { snowflake } from "./snowflake.ts";
import type { StorageImplementation } from "./storage.ts";

export const storages = { snowflake, bigquery, postgres } satisfies Record<string, StorageImplementation>;
