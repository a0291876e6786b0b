import type * as Snowflake from "@pulumi/snowflake";
import { nameless } from "../making/name-rules.ts";
import { lazySdk } from "../making/sdk.ts";

export type { Snowflake };

/** The SDK of Snowflake's provider, with the naming limits of its documentation. */
export const snowflakeSdk = lazySdk<typeof Snowflake>("@pulumi/snowflake", {
  "snowflake:index/accountRole:AccountRole": ["name", 255, "upper", null],
  "snowflake:index/database:Database": ["name", 255, "upper", null],
  "snowflake:index/grantAccountRole:GrantAccountRole": nameless(),
  "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole": nameless(),
  "snowflake:index/networkPolicy:NetworkPolicy": ["name", 255, "upper", null],
  "snowflake:index/resourceMonitor:ResourceMonitor": ["name", 255, "upper", null],
  "snowflake:index/schema:Schema": nameless(),
  "snowflake:index/serviceUser:ServiceUser": ["name", 255, "upper", null],
  "snowflake:index/warehouse:Warehouse": ["name", 255, "upper", null],
});
