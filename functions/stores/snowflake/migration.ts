import type { Migration } from "../deployed.ts";
import { snowflakeLogin } from "./login.ts";
import { migrate } from "./migrate.ts";

export const migration: Migration = ({ owner }) => migrate(snowflakeLogin(owner, "INTEGRAVIZ_STORE"));
