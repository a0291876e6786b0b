import { interpolate, type Resource } from "@pulumi/pulumi";
import type { SqlRole } from "../link.ts";
import type { Children } from "../making/children.ts";
import { type Snowflake, snowflakeSdk } from "./snowflake-provider.ts";

export interface SnowflakeGrantClasses {
  privilege: typeof Snowflake.GrantPrivilegesToAccountRole;
}

interface Objects {
  database: Snowflake.Database;
  schema: Snowflake.Schema;
  warehouse: Snowflake.Warehouse;
}

/**
 * Privileges by role. `future`: on what the migrations will create. Readers see views and no table.
 */
const PRIVILEGES: Record<SqlRole, { schema: string[]; future: Record<string, string[]> }> = {
  owner: { schema: ["USAGE", "CREATE TABLE", "CREATE VIEW"], future: {} },
  writer: { schema: ["USAGE"], future: { TABLES: ["SELECT", "INSERT"], VIEWS: ["SELECT"] } },
  reader: { schema: ["USAGE"], future: { VIEWS: ["SELECT"] } },
};

export function grantRole(
  children: Children<SnowflakeGrantClasses>,
  of: SqlRole,
  role: Snowflake.AccountRole,
  { database, schema, warehouse }: Objects,
): Resource[] {
  const { GrantPrivilegesToAccountRole } = snowflakeSdk();
  const accountRoleName = role.name;
  const schemaName = interpolate`"${database.name}"."${schema.name}"`;
  const { schema: onSchema, future } = PRIVILEGES[of];
  return [
    children.make(
      "privilege",
      GrantPrivilegesToAccountRole,
      {
        accountRoleName,
        privileges: ["USAGE"],
        onAccountObject: { objectType: "DATABASE", objectName: database.name },
      },
      { each: `${of}-database` },
    ),
    children.make(
      "privilege",
      GrantPrivilegesToAccountRole,
      {
        accountRoleName,
        privileges: ["USAGE"],
        onAccountObject: { objectType: "WAREHOUSE", objectName: warehouse.name },
      },
      { each: `${of}-warehouse` },
    ),
    children.make(
      "privilege",
      GrantPrivilegesToAccountRole,
      { accountRoleName, privileges: onSchema, onSchema: { schemaName } },
      { each: `${of}-schema` },
    ),
    ...Object.entries(future).map(([objectTypePlural, privileges]) =>
      children.make(
        "privilege",
        GrantPrivilegesToAccountRole,
        { accountRoleName, privileges, onSchemaObject: { future: { objectTypePlural, inSchema: schemaName } } },
        { each: `${of}-future-${objectTypePlural.toLowerCase()}` },
      ),
    ),
  ];
}
