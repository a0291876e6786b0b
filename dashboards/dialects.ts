/** What differs from database to database in dashboards, as each store says it. */
import type { StoreKind } from "../contract/login.ts";
import type { DashboardSql } from "../functions/stores/about.ts";
import { aboutStores } from "../functions/stores/about-stores.ts";

/** Asks each store for its own value. */
export function ofEachStore<T>(ask: (sql: DashboardSql) => T): Record<StoreKind, T> {
  const answers = Object.entries(aboutStores).map(([kind, { dashboards }]) => [kind, ask(dashboards)]);
  return Object.fromEntries(answers) as Record<StoreKind, T>;
}

/** Seconds from one refresh to the next: where a query is free, and where each costs. */
export function refreshed({ free, costly }: { free: number; costly: number }): Record<StoreKind, number> {
  return ofEachStore(({ costs }) => (costs ? costly : free));
}
