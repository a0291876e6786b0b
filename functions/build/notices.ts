import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metafile } from "esbuild";

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const TEXTS = /^(licen[cs]e|notice|copying)/i;

/**
 * Writes out the licences of the packages that a bundle was made of, as those licences ask, in the
 * order of their names.
 * @param folder what the paths of the metafile start from
 */
export async function noticesOf({ inputs }: Metafile, folder: string): Promise<string> {
  const folders = Object.keys(inputs).flatMap((path) => PACKAGE.exec(path)?.[1] ?? []);
  const notices = await Promise.all([...new Set(folders)].sort().map((path) => noticeOf(join(folder, path))));
  return notices.join(`\n${"-".repeat(80)}\n\n`);
}

async function noticeOf(path: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(path, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: string;
  };
  const found = (await Promise.all([path, join(path, "licenses")].map(filesIn))).flat();
  const said = await Promise.all(found.map(async (file) => (await readFile(file, "utf8")).trim()));
  return `${[`${name} ${version}: ${license ?? "see below"}`, ...said].join("\n\n")}\n`;
}

/** The files of a folder that are about its licence; none where there is no such folder. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile() && TEXTS.test(entry.name)).map(({ name }) => name);
  return names.sort().map((name) => join(folder, name));
}
