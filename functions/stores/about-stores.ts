import type { StoreKind } from "../../contract/login.ts";
import type { AboutStore } from "./about.ts";
import * as stores from "./index.ts";

/** What is known of each kind of store that there is a login of. */
export const aboutStores: Readonly<Record<StoreKind, AboutStore>> = { ...stores };
