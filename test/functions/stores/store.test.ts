import { memorySubject } from "./memory/subject.ts";
import { postgresSubject } from "./postgres/subject.ts";
import { storeSuite } from "./store-suite.ts";

storeSuite(memorySubject);
storeSuite(postgresSubject);
