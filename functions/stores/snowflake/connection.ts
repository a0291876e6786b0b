import "./no-platform-detection.ts";
import snowflake from "snowflake-sdk";
import { Refusal } from "../../refusals/refusal.ts";
import { retryWhile } from "../retry.ts";

/** How to log in: `Login` of components/link.ts for the driver snowflake, with its secret. */
export interface SnowflakeLogin {
  /** `<organization>-<account>`. */
  account: string;
  user: string;
  /** PKCS#8 PEM. */
  privateKey: string;
  role: string;
  warehouse: string;
  database: string;
  schema: string;
  /** Where the account is not at its usual address: a private link, a test server. */
  accessUrl?: string;
}

export interface Statement {
  sql: string;
  /** `:1`, `:2`, ... or, as a list of rows, one statement for all of them. */
  binds?: snowflake.Binds;
  /**
   * Ended by the server when it takes longer, time in a queue and the resuming of a warehouse
   * counted.
   */
  timeoutSeconds: number;
  parameters?: Record<string, string | number>;
}

export interface Connection {
  /** Rows by column name, numbers and JSON as text. */
  rows<Row extends object>(statement: Statement): Promise<Row[]>;
  /** A statement whose rows are yet to be read, each an array. */
  stream(statement: Statement): Promise<snowflake.RowStatement>;
  close(): Promise<void>;
}

/**
 * More than any request brings: beyond it the driver would upload binds to a stage, for which a
 * writer has no right.
 */
const NEVER_STAGE_BINDS = 10_000_000;
/**
 * Added to a statement's own time-out: the way there and back, and what the driver itself tries
 * again.
 */
const GRACE_SECONDS = 10;

const PARAMETERS = {
  TIMEZONE: "UTC",
  QUERY_TAG: "integraviz",
  TIMESTAMP_NTZ_OUTPUT_FORMAT: "YYYY-MM-DD HH24:MI:SS.FF6",
};

snowflake.configure({ logLevel: "OFF", additionalLogToConsole: false });

/**
 * One session, opened by the first statement, kept for as long as it works (over the invocations of
 * a function too) and opened anew after it broke.
 */
export function openConnection(login: SnowflakeLogin, onLoss: (error: Error) => void): Connection {
  let opened: Promise<snowflake.Connection> | null = null;

  const execute = async (statement: Statement, isStream: boolean): Promise<Executed> => {
    opened ??= connect(login);
    const mine = opened;
    try {
      return await within(statement.timeoutSeconds + GRACE_SECONDS, run(await mine, statement, isStream));
    } catch (error) {
      if (isLost(error)) {
        if (opened === mine) opened = null;
        onLoss(error as Error);
        void mine.then((connection) => connection.destroy(() => {})).catch(() => {});
      }
      throw refused(error);
    }
  };

  return {
    async rows<Row>(statement: Statement) {
      return (await execute(statement, false)).rows as Row[];
    },
    async stream(statement) {
      return (await execute(statement, true)).statement;
    },
    async close() {
      const connection = await opened?.catch(() => null);
      opened = null;
      if (connection) await new Promise((resolve) => connection.destroy(resolve));
    },
  };
}

async function connect({ user, account, ...login }: SnowflakeLogin): Promise<snowflake.Connection> {
  const connection = snowflake.createConnection({
    ...login,
    account,
    username: user,
    authenticator: "SNOWFLAKE_JWT",
    application: "integraviz",
    fetchAsString: ["Number", "Date", "JSON"],
    representNullAsStringNull: false,
    arrayBindingThreshold: NEVER_STAGE_BINDS,
    sfRetryMaxLoginRetries: 1,
  });
  return new Promise((resolve, reject) => {
    connection.connect((error, connected) => (error ? reject(error) : resolve(connected)));
  });
}

interface Executed {
  statement: snowflake.RowStatement;
  rows: unknown[];
}

function run(connection: snowflake.Connection, statement: Statement, isStream: boolean): Promise<Executed> {
  const { sql, binds, timeoutSeconds, parameters } = statement;
  return new Promise((resolve, reject) => {
    connection.execute({
      sqlText: sql,
      ...(binds === undefined ? {} : { binds }),
      parameters: { ...PARAMETERS, STATEMENT_TIMEOUT_IN_SECONDS: timeoutSeconds, ...parameters },
      ...(isStream ? { streamResult: true, rowMode: "array" as const } : {}),
      complete: (error, executed, rows) =>
        error ? reject(error) : resolve({ statement: executed as snowflake.RowStatement, rows: rows ?? [] }),
    });
  });
}

class NoAnswer extends Error {}

async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`No answer within ${seconds} s.`)), seconds * 1_000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Tries again what the vendor says may succeed in a moment. A statement that took too long was
 * given its time already, in a queue or while a warehouse was resumed: whoever asked is told to
 * come again.
 */
export async function retrying<T>(work: () => Promise<T>, { deadlineMs }: { deadlineMs: number }): Promise<T> {
  try {
    return await retryWhile(isPassing, work, { deadlineMs });
  } catch (error) {
    if (!TOOK_TOO_LONG.test(String((error as { code?: unknown }).code))) throw error;
    throw new Refusal("store-unavailable", "The warehouse did not come to an end in time.", {
      fix: "Send the same again in a moment, none is stored twice; or take a larger warehouse.",
      retryAfter: 10,
    });
  }
}

/**
 * The driver's codes (error_code in snowflake-sdk) for a server out of reach and a session that is
 * over.
 */
const LOST = new Set([401001, 401002, 401003, 402001, 402002, 405501, 405502, 405503, 407001, 407002]);
/**
 * The server's, for a session or a token that has ended: 390104, 390108, 390110 to 390114, 390195,
 * 390318.
 */
const OVER = /^390(104|108|11[0-4]|195|318)$/;
/**
 * The server's own failures and locks, which pass: 000603 and 000604 (internal, cancelled), 000625,
 * 200001, 253003.
 */
const PASSING = /^(0*603|0*604|0*625|200001|253003)$/;
/** STATEMENT_TIMEOUT_IN_SECONDS. */
const TOOK_TOO_LONG = /^0*630$/;

function isLost(error: unknown): boolean {
  const { code } = error as { code?: number | string };
  return error instanceof NoAnswer || LOST.has(Number(code)) || OVER.test(String(code));
}

export function isPassing(error: unknown): boolean {
  return isLost(error) || PASSING.test(String((error as { code?: unknown }).code));
}

/**
 * Quotas, by code or message: the caller is told when to come back, since trying again at once
 * cannot help.
 */
const QUOTAS: { code: RegExp; message: RegExp; detail: string; fix: string; retryAfter: number }[] = [
  {
    code: /^0*90073$/,
    message: /resource monitor .* exceeded/i,
    detail: "The warehouse has used up its credits.",
    fix: "Raise monthlyCredits of the storage, or wait; clients keep their events meanwhile.",
    retryAfter: 3_600,
  },
  {
    code: /^0*(629|630329)$/,
    message: /statement queued timeout|queued statement.* timeout/i,
    detail: "The warehouse has too much to do.",
    fix: "Send again in a moment, or take a larger warehouse.",
    retryAfter: 10,
  },
];

function refused(error: unknown): unknown {
  const { code, message, response } = error as { code?: unknown; message?: string; response?: { statusCode?: number } };
  const quota = QUOTAS.find((one) => one.code.test(String(code)) || one.message.test(String(message)));
  if (quota !== undefined) {
    return new Refusal("store-quota", quota.detail, { fix: quota.fix, retryAfter: quota.retryAfter });
  }
  if (response?.statusCode === 429) {
    return new Refusal("store-quota", "Snowflake takes no more requests for now.", {
      fix: "Send again later.",
      retryAfter: 30,
    });
  }
  return error;
}
