import type { Migration } from "../deployed.ts";
import { bigqueryLogin } from "./login.ts";
import { migrate } from "./migrate.ts";

export const migration: Migration = ({ owner }) => migrate(bigqueryLogin(owner, "INTEGRAVIZ_STORE"));
