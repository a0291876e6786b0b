import { describe } from "vitest";
import { isChosen } from "./chosen.ts";
import { controlTests } from "./store-suite/control.ts";
import { cursorTests } from "./store-suite/cursor.ts";
import { identityTests } from "./store-suite/identity.ts";
import { logTests } from "./store-suite/log.ts";
import { Suite } from "./store-suite/opened.ts";
import { pageTests } from "./store-suite/page-twins.ts";
import { seriesTests } from "./store-suite/series.ts";
import type { StoreSubject } from "./store-suite/subject.ts";
import { turnTests } from "./store-suite/turns.ts";
import { valueTests } from "./store-suite/values.ts";
import { viewTests } from "./store-suite/views.ts";

/** The Store contract, for every store. A new one runs all of it. STORES chooses among them (`chosen.ts`). */
export function storeSuite(subject: StoreSubject): void {
  describe.skipIf(!isChosen(subject.name))(subject.name, () => {
    const suite = new Suite(subject);
    valueTests(suite);
    identityTests(suite);
    cursorTests(suite);
    logTests(suite);
    controlTests(suite);
    turnTests(suite);
    seriesTests(suite);
    viewTests(suite);
    pageTests(suite);
  });
}
