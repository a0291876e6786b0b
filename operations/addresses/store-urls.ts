import { readFileSync } from "node:fs";
import type { AddressReader } from "../../functions/stores/about.ts";
import { aboutStores } from "../../functions/stores/about-stores.ts";
import type { Store } from "../../functions/stores/store.ts";
import { Mistake } from "../mistake.ts";

const all = Object.values(aboutStores);

/** The schemes of URLs that name a store, as people write them. */
export const schemes = all.map(({ address }) => `${address.schemes[0]}://...`);

/**
 * Opens the store that a URL names; null for a scheme of no store. Its secrets are in files.
 * @param option where the text came from, for the error
 */
export function openUrl(url: URL, option: string): Promise<Store> | null {
  const about = all.find(({ address }) => address.schemes.includes(url.protocol.slice(0, -1)));
  return about?.address.openUrl(readerOf(url, `${option} ${url.protocol}//${url.host}${url.pathname}`)) ?? null;
}

function readerOf(url: URL, source: string): AddressReader {
  return {
    url,
    user: () => given(decodeURIComponent(url.username), source, "the user in front of @"),
    path(...names) {
      const parts = url.pathname.slice(1).split("/").map(decodeURIComponent);
      return Object.fromEntries(
        names.map((name, index) => [name, given(parts[index], source, `the ${name} in its path`)]),
      );
    },
    parameters(known, optional = []) {
      const names = [...Object.keys(known), ...optional];
      const unknown = [...url.searchParams.keys()].find((name) => !names.includes(name));
      if (unknown !== undefined)
        throw new Mistake(`${source} has no parameter ${unknown}: there are ${names.join(", ")}.`);
      const found = Object.entries(known).map(([name, other]) => [
        name,
        given(url.searchParams.get(name) ?? other, source, `?${name}=`),
      ]);
      const more = optional
        .filter((name) => url.searchParams.has(name))
        .map((name) => [name, url.searchParams.get(name)]);
      return Object.fromEntries([...found, ...more]);
    },
    file: (variable, what) => fileOf(variable, what, source),
  };
}

function given(value: string | null | undefined, source: string, what: string): string {
  if (value) return value;
  throw new Mistake(`${source} lacks ${what}. --help shows a whole one.`);
}

function fileOf(variable: string, what: string, source: string): string {
  const file = process.env[variable];
  if (!file) throw new Mistake(`${source} needs ${variable}: ${what}.`);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Mistake(`${variable}: ${(error as Error).message}`);
  }
}
