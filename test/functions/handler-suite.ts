import { describe } from "vitest";
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

/** How the handler behaves over any store and behind any adapter. A new one of either runs all of it. */
export function handlerSuite(subject: Subject): void {
  describe(subject.name, () => {
    const api = new SuiteApi(subject);
    ingestTests(api);
    accessTests(api);
    controlTests(api);
    runsTests(api);
    seriesTests(api);
    streamTests(api);
    sessionTests(api);
    surfaceTests(api);
    if (subject.sql) sqlTests(api);
    else noSqlTests(api);
  });
}
