import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DATA_FOLDER } from "../../embedded/data-folder.ts";
import type { Endpoint } from "../../embedded/stack.ts";
import type { DriverLogin } from "../../functions/adapters/environment.ts";
import { aboutStores } from "../../functions/stores/about-stores.ts";
import type { Store } from "../../functions/stores/store.ts";
import { Mistake } from "../mistake.ts";
import { loginOfStack } from "./stack-login.ts";
import { openUrl, schemes } from "./store-urls.ts";

/** A store that somebody named on the command line. */
export interface OpenedStore {
  /** What to call it in a report: no password, no key. */
  name: string;
  store: Store;
}

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

const FORMS = `give a URL (${schemes.join(", ")}), a stack, or the data folder of a running integraviz start (${DATA_FOLDER}).`;

async function open(text: string, option: string): Promise<Store> {
  if (existsSync(join(text, "endpoint.json"))) return openEmbedded(text, option);
  if (/^\w[\w./-]*(:archive)?$/.test(text)) return openLogin(await loginOfStack(text, option));
  if (/^[./~]/.test(text)) throw new Mistake(noInstallation(text, option));
  const store = URL.canParse(text) ? await openUrl(new URL(text), option) : null;
  if (store === null) throw new Mistake(`${option} ${JSON.stringify(withoutSecrets(text))} names no store: ${FORMS}`);
  return store;
}

/** What to do about a folder that is no data folder of a stack on this machine. */
function noInstallation(folder: string, option: string): string {
  const what = existsSync(folder) ? "not a data folder" : "no such folder";
  return `${option} ${folder}: ${what}. Run integraviz start first, or ${FORMS}`;
}

async function openLogin(login: DriverLogin): Promise<Store> {
  return aboutStores[login.driver as keyof typeof aboutStores].open(login);
}

/** Opens that of `integraviz start`, whose files say how its writer logs in. */
async function openEmbedded(folder: string, option: string): Promise<Store> {
  const read = <T>(file: string) => JSON.parse(readFileSync(join(folder, file), "utf8")) as T;
  const url = new URL(read<Endpoint>("endpoint.json").sql);
  url.username = "integraviz_writer";
  url.password = read<{ writer: string }>("secrets.json").writer;
  return (await openUrl(url, option)) as Store;
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
