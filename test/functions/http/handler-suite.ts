import { describe } from "vitest";
import { isChosen } from "../stores/chosen.ts";
import { accessTests } from "./handler-suite/access.ts";
import { type Subject, SuiteApi } from "./handler-suite/api.ts";
import { controlTests } from "./handler-suite/control.ts";
import { ingestTests } from "./handler-suite/ingest.ts";
import { runsTests } from "./handler-suite/runs.ts";
import { seriesTests } from "./handler-suite/series.ts";
import { sessionTests } from "./handler-suite/session.ts";
import { noSqlTests, sqlTests } from "./handler-suite/sql.ts";
import { streamTests } from "./handler-suite/stream.ts";
import { surfaceTests } from "./handler-suite/surface.ts";

const PARTS = {
  ingest: ingestTests,
  access: accessTests,
  control: controlTests,
  runs: runsTests,
  series: seriesTests,
  stream: streamTests,
  session: sessionTests,
  surface: surfaceTests,
} as const;

/**
 * How the handler behaves over any store and behind any adapter. A new one of either runs all of
 * it, or the parts where it matters where a test server takes a second for what a database does in
 * a millisecond.
 */
export function handlerSuite(subject: Subject & { parts?: readonly (keyof typeof PARTS)[] }): void {
  const [store = ""] = subject.name.split(", ");
  describe.skipIf(!isChosen(store))(subject.name, () => {
    const api = new SuiteApi(subject);
    for (const part of subject.parts ?? (Object.keys(PARTS) as (keyof typeof PARTS)[])) PARTS[part](api);
    if (subject.parts !== undefined) return;
    if (subject.sql) sqlTests(api);
    else noSqlTests(api);
  });
}
