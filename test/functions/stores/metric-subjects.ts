import { openBigqueryStore } from "../../../functions/stores/bigquery/bigquery.ts";
import {
  standardMetrics as bigqueryMetrics,
  migrate as migrateBigquery,
} from "../../../functions/stores/bigquery/migrate.ts";
import { type CustomMetric, customMetrics, type MetricMistake } from "../../../functions/stores/custom-metrics.ts";
import { migrate as migratePostgres } from "../../../functions/stores/postgres/migrate.ts";
import { openPostgresStore } from "../../../functions/stores/postgres/postgres.ts";
import {
  migrate as migrateSnowflake,
  standardMetrics as snowflakeMetrics,
} from "../../../functions/stores/snowflake/migrate.ts";
import { openSnowflakeStore } from "../../../functions/stores/snowflake/snowflake.ts";
import type { Store } from "../../../functions/stores/store.ts";
import { isRealBigquery, startBigquery } from "../../stand-ins/bigquery-server.ts";
import { hasPython } from "../../stand-ins/python-server.ts";
import { isChosen } from "./chosen.ts";
import { freshDatabase } from "./postgres/fresh-database.ts";
import { emptySchema, hasSnowflake } from "./snowflake/subject.ts";

/** A database to make custom metrics in. */
export interface MetricSubject {
  dialect: string;
  /** Those that ship. */
  standard: () => CustomMetric[];
  isHere: boolean;
  open(): Promise<OpenedMetrics>;
  /** How it says that there is no such column, table, or that a statement goes on where it should end. */
  says: { noColumn(name: string): RegExp; noTable(name: string): RegExp; isMore: RegExp; isText: RegExp };
}

export interface OpenedMetrics {
  store: Store;
  /** With these metrics in place of those that ship. */
  migrate(metrics?: CustomMetric[]): Promise<MetricMistake[]>;
  close(): Promise<void>;
}

const isText = /value has to be a number/;

const subjects: MetricSubject[] = [
  {
    dialect: "postgres",
    standard: () => customMetrics(),
    isHere: true,
    async open() {
      const database = await freshDatabase();
      const store = openPostgresStore(database);
      return {
        store,
        migrate: (metrics) => migratePostgres(database.ownerUrl, metrics),
        close: () => store.close(),
      };
    },
    says: {
      noColumn: (name) => new RegExp(`column "${name}" does not exist`),
      noTable: (name) => new RegExp(`relation "${name}" does not exist`),
      isMore: /cannot insert multiple commands/,
      isText: /UNION types double precision and text cannot be matched/,
    },
  },
  {
    dialect: "snowflake",
    standard: snowflakeMetrics,
    isHere: hasSnowflake,
    async open() {
      const { login, drop } = await emptySchema();
      await migrateSnowflake(login);
      const store = openSnowflakeStore({ writer: login, reader: login });
      return {
        store,
        migrate: (metrics) => migrateSnowflake(login, metrics),
        async close() {
          await store.close();
          await drop();
        },
      };
    },
    says: {
      noColumn: (name) => new RegExp(`invalid identifier '${name}'`, "i"),
      // "Object 'NOWHERE' does not exist or not authorized." at the vendor.
      noTable: (name) => new RegExp(`${name}'? does not exist`, "i"),
      isMore: /syntax error|statement count/,
      isText,
    },
  },
  {
    dialect: "bigquery",
    standard: bigqueryMetrics,
    isHere: hasPython || isRealBigquery,
    async open() {
      const server = await startBigquery();
      await migrateBigquery(server.owner);
      const store = openBigqueryStore({ writer: server.writer, reader: server.reader, settleMs: 0 });
      return {
        store,
        migrate: (metrics) => migrateBigquery(server.owner, metrics),
        async close() {
          await store.close();
          await server.stop();
        },
      };
    },
    says: {
      noColumn: (name) => new RegExp(`Unrecognized name: ${name}`),
      noTable: (name) => new RegExp(`Not found: .*\\b${name}\\b`),
      isMore: /Syntax error/,
      isText,
    },
  },
];

/** Those that STORES chooses. */
export const metricSubjects: readonly MetricSubject[] = subjects.filter(({ dialect }) => isChosen(dialect));
