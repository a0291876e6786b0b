import { describe } from "vitest";
import { NO_PYTHON } from "./python-server.ts";
import { hasSnowflake, snowflakeSubject } from "./snowflake-subject.ts";
import { storeSuite } from "./store-suite.ts";

describe.skipIf(!hasSnowflake)(hasSnowflake ? "the Store contract" : `the Store contract ${NO_PYTHON}`, () => {
  storeSuite(snowflakeSubject);
});
