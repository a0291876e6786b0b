import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DATA_FOLDER } from "../../embedded/data-folder.ts";
import type { Endpoint } from "../../embedded/stack.ts";
import type { DriverLogin } from "../../functions/adapters/environment.ts";
import type { DeployedStore } from "../../functions/stores/deployed.ts";
import { openPostgresStore } from "../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../functions/stores/store.ts";
import { Mistake } from "../mistake.ts";
import { loginOfStack } from "./stack-login.ts";
import { loginOfUrl } from "./store-urls.ts";

/** A store that somebody named on the command line. */
export interface OpenedStore {
  /** What to call it in a report: no password, no key. */
  name: string;
  store: Store;
}

/** By driver, loaded when it is needed. */
const drivers: Record<string, () => Promise<{ store: DeployedStore }>> = {
  postgres: () => import("../../functions/stores/postgres/deployed.ts"),
  snowflake: () => import("../../functions/stores/snowflake/deployed.ts"),
  bigquery: () => import("../../functions/stores/bigquery/deployed.ts"),
};

/**
 * Opens the store that `text` names: a folder, a URL or a stack.
 * @param option where the text came from, for the error
 */
export async function openAddress(text: string | undefined, option: string): Promise<OpenedStore> {
  if (text === undefined || text === "") throw new Mistake(`${option} is missing: ${FORMS}`);
  const opened = { name: withoutSecrets(text), store: await open(text, option) };
  await checkReachable(opened, option);
  return opened;
}

const FORMS = `give a URL (postgres://..., snowflake://..., bigquery://...), a stack, or the data folder of a running integraviz start (${DATA_FOLDER}).`;

async function open(text: string, option: string): Promise<Store> {
  if (existsSync(join(text, "endpoint.json"))) return openPostgres(embeddedUrl(text));
  if (/^\w[\w./-]*(:archive)?$/.test(text)) return openLogin(await loginOfStack(text, option));
  if (/^[./~]/.test(text)) throw new Mistake(noInstallation(text, option));
  const url = URL.canParse(text) ? new URL(text) : null;
  if (/^postgres(ql)?:$/.test(url?.protocol ?? "")) return openPostgres(url as URL);
  const login = url === null ? null : loginOfUrl(url, option);
  if (login === null) throw new Mistake(`${option} ${JSON.stringify(withoutSecrets(text))} names no store: ${FORMS}`);
  return openLogin(login);
}

/** What to do about a folder that is no data folder of a stack on this machine. */
function noInstallation(folder: string, option: string): string {
  const what = existsSync(folder) ? "not a data folder" : "no such folder";
  return `${option} ${folder}: ${what}. Run integraviz start first, or ${FORMS}`;
}

function openPostgres(url: URL): Store {
  return openPostgresStore({ writerUrl: String(url), readerUrl: String(url) });
}

async function openLogin(login: DriverLogin): Promise<Store> {
  const load = drivers[login.driver] as (typeof drivers)[string];
  return (await load()).store.open({ writer: login, reader: login });
}

function embeddedUrl(folder: string): URL {
  const read = <T>(file: string) => JSON.parse(readFileSync(join(folder, file), "utf8")) as T;
  const url = new URL(read<Endpoint>("endpoint.json").sql);
  url.username = "integraviz_writer";
  url.password = read<{ writer: string }>("secrets.json").writer;
  return url;
}

/**
 * By a question that reads nothing: some stores know where their log ends without asking anybody.
 */
async function checkReachable({ name, store }: OpenedStore, option: string): Promise<void> {
  try {
    await store.logSize({ after: null, before: "0" });
  } catch (error) {
    await store.close();
    throw new Mistake(
      `${option} ${name} cannot be read: ${(error as Error).message} It has to be a store that was migrated, with a login that may write.`,
    );
  }
}

/** The text without what stands between `user:` and `@`, or behind `?`. */
export function withoutSecrets(text: string): string {
  return text.replace(/^([a-z]+:\/\/[^:/@]*):[^@]*@/i, "$1@").replace(/\?.*$/s, "");
}
