import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Endpoint } from "../embedded/stack.ts";
import { openPostgresStore } from "../functions/stores/postgres/postgres.ts";
import type { Store } from "../functions/stores/store.ts";
import { Mistake } from "../trainer/mistake.ts";

/** A store that somebody named on the command line. */
export interface Place {
  /** What to call it in a report: no password, no key. */
  name: string;
  store: Store;
}

type Open = (url: URL) => Store | Promise<Store>;

/** By the URL's scheme. Each logs in as the writer, who may read the log and append to it. */
const openers: Record<string, Open> = {
  "postgres:": openPostgres,
  "postgresql:": openPostgres,
};

/**
 * Opens the store that `text` names: a URL, or the data folder of an `npm start` that is running.
 * @param option where the text came from, for the error
 */
export async function openPlace(text: string | undefined, option: string): Promise<Place> {
  if (text === undefined || text === "") throw new Mistake(`${option} is missing: ${FORMS}`);
  if (existsSync(join(text, "endpoint.json"))) return { name: text, store: openPostgres(embeddedUrl(text)) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const open = url && openers[url.protocol];
  if (url === undefined || open === undefined) {
    throw new Mistake(`${option} ${JSON.stringify(withoutSecrets(text))} names no store: ${FORMS}`);
  }
  const place: Place = { name: withoutSecrets(text), store: await open(url) };
  await checkReachable(place, option);
  return place;
}

const FORMS = `give a URL (${[...new Set(Object.keys(openers))].map((scheme) => `${scheme}//...`).join(", ")}) or the data folder of a running npm start (.integraviz).`;

function openPostgres(url: URL): Store {
  return openPostgresStore({ writerUrl: String(url), readerUrl: String(url) });
}

function embeddedUrl(folder: string): URL {
  const read = <T>(file: string) => JSON.parse(readFileSync(join(folder, file), "utf8")) as T;
  const url = new URL(read<Endpoint>("endpoint.json").sql);
  url.username = "integraviz_writer";
  url.password = read<{ writer: string }>("secrets.json").writer;
  return url;
}

async function checkReachable({ name, store }: Place, option: string): Promise<void> {
  try {
    await store.cursor();
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
