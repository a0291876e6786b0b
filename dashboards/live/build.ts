/**
 * Bundles the live page into dist/live: index.html and files named by their content, which may be
 * cached for ever. Run by `npm run build`.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { noticesOf } from "../../functions/build/notices.ts";

const here = dirname(fileURLToPath(import.meta.url));
const ENTRIES = ["app.ts", "boot.ts", "app.css", "icon.svg"];

export interface BuiltFile {
  name: string;
  bytes: number;
  gzipped: number;
}

export async function buildLivePage(folder: string): Promise<BuiltFile[]> {
  const result = await build({
    absWorkingDir: here,
    entryPoints: ENTRIES,
    entryNames: "[name]-[hash]",
    outdir: folder,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: ["es2022", "chrome109", "firefox115", "safari16.4"],
    legalComments: "none",
    banner: { js: "/*! Contains Apache ECharts and zrender, whose licences are in NOTICE.txt. */" },
    loader: { ".svg": "copy" },
    logLevel: "warning",
  });
  let page = await readFile(join(here, "index.html"), "utf8");
  for (const [output, { entryPoint }] of Object.entries(result.metafile.outputs)) {
    if (entryPoint) page = page.replace(`"${entryPoint.replace(/\.ts$/, ".js")}"`, `"${basename(output)}"`);
  }
  const files = [
    ...result.outputFiles.map(({ path, contents }) => ({ name: basename(path), contents })),
    { name: "index.html", contents: new TextEncoder().encode(page) },
    { name: "NOTICE.txt", contents: new TextEncoder().encode(await noticesOf(result.metafile, here)) },
  ];
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all(files.map(({ name, contents }) => writeFile(join(folder, name), contents)));
  return files.map(({ name, contents }) => ({ name, bytes: contents.length, gzipped: gzipSync(contents).length }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const folder = process.argv[2] ?? join(here, "../../dist/live");
  const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  for (const { name, bytes, gzipped } of await buildLivePage(folder)) {
    console.log(`${name.padEnd(24)} ${kb(bytes).padStart(10)} ${kb(gzipped).padStart(10)} gzipped`);
  }
}
