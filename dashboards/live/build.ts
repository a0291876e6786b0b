/**
 * Bundles the live page and the charts that a notebook frames into dist/live: index.html and
 * embed.html, made of page.html, and files named by their content, which may be cached for ever.
 * Run by `npm run build`.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { noticesOf } from "../../functions/build/notices.ts";

const here = dirname(fileURLToPath(import.meta.url));

interface Page {
  /** Its script and its styles. */
  entry: string;
  about: string;
  withoutJavaScript: string;
}

const PAGES: Record<string, Page> = {
  "index.html": {
    entry: "app",
    about: "Training runs while they happen.",
    withoutJavaScript: "This page draws with JavaScript, which is switched off.",
  },
  "embed.html": {
    entry: "embed",
    about: "The charts of one training run while it happens.",
    withoutJavaScript: "The charts are drawn with JavaScript, which is switched off.",
  },
};
/** What both pages use comes once, in a file of its own. */
const MODULES = ["app.ts", "embed.ts"];
/** `boot.ts` runs as it comes, before the first paint: it can import nothing. */
const OTHERS = ["boot.ts", "app.css", "embed.css", "icon.svg"];

export interface BuiltFile {
  name: string;
  bytes: number;
  gzipped: number;
}

export async function buildLivePage(folder: string): Promise<BuiltFile[]> {
  const shared: BuildOptions = {
    absWorkingDir: here,
    entryNames: "[name]-[hash]",
    outdir: folder,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "chrome109", "firefox115", "safari16.4"],
    legalComments: "none",
    banner: { js: "/*! Contains software of others, whose licences are in NOTICE.txt. */" },
    loader: { ".svg": "copy" },
    logLevel: "warning",
  };
  const [modules, others] = await Promise.all([
    build({ ...shared, entryPoints: MODULES, splitting: true, write: false, metafile: true }),
    build({ ...shared, entryPoints: OTHERS, write: false, metafile: true }),
  ]);
  const outputs = { ...modules.metafile.outputs, ...others.metafile.outputs };
  const template = await readFile(join(here, "page.html"), "utf8");
  const pages = Object.entries(PAGES).map(([name, page]) => ({ name, contents: pageOf(template, page, outputs) }));
  const files = [
    ...[...modules.outputFiles, ...others.outputFiles].map(({ path, contents }) => ({
      name: basename(path),
      contents,
    })),
    ...pages,
    { name: "NOTICE.txt", contents: new TextEncoder().encode(await noticesOf(modules.metafile, here)) },
  ];
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all(files.map(({ name, contents }) => writeFile(join(folder, name), contents)));
  return files.map(({ name, contents }) => ({ name, bytes: contents.length, gzipped: gzipSync(contents).length }));
}

/** A page with the names that its files were given; what its scripts import is fetched at once. */
function pageOf(template: string, of: Page, outputs: Metafile["outputs"]): Uint8Array {
  let page = template.replace(/\{\{(\w+)\}\}/g, (_, field: keyof Page) => of[field]);
  const preloads: string[] = [];
  for (const [output, { entryPoint, imports }] of Object.entries(outputs)) {
    const named = entryPoint && `"${entryPoint.replace(/\.ts$/, ".js")}"`;
    if (!named || !page.includes(named)) continue;
    page = page.replace(named, `"${basename(output)}"`);
    preloads.push(...imports.map(({ path }) => `<link rel="modulepreload" href="${basename(path)}">`));
  }
  return new TextEncoder().encode(page.replace("</head>", `${preloads.join("")}</head>`));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const folder = process.argv[2] ?? join(here, "../../dist/live");
  const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  for (const { name, bytes, gzipped } of await buildLivePage(folder)) {
    console.log(`${name.padEnd(24)} ${kb(bytes).padStart(10)} ${kb(gzipped).padStart(10)} gzipped`);
  }
}
