/**
 * Bundles the functions into dist/functions/<name>/index.mjs: one minified file each, with one
 * database driver and without node_modules. Run by `npm run build`.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { bundleNames } from "../../contract/bundles.ts";
import { sqlFiles } from "../stores/sql-files.ts";
import { entries } from "./bundles.ts";
import { descriptionAsText } from "./description.ts";
import { externals } from "./externals.ts";
import { noticesOf } from "./notices.ts";
import { writeSourceArchive } from "./source-archive.ts";

const here = dirname(fileURLToPath(import.meta.url));

export interface BuiltBundle {
  name: string;
  path: string;
  bytes: number;
  gzipped: number;
}

/** What drivers look for and do without. */
const OPTIONAL = ["pg-native", "pg-cloudflare"];

/** CommonJS packages in a module still ask for Node's own by `require`, and for where they lie. */
const COMMONJS = `import { createRequire as integravizRequire } from "node:module";
const require = integravizRequire(import.meta.url);
const __filename = decodeURIComponent(new URL(import.meta.url).pathname);
const __dirname = decodeURIComponent(new URL(".", import.meta.url).pathname);`;

export async function buildBundles(folder: string, names = Object.keys(entries)): Promise<BuiltBundle[]> {
  return Promise.all(
    names.map(async (name) => {
      const contents = entries[name];
      if (contents === undefined)
        throw new Error(`There is no bundle ${name}. Those there are: ${Object.keys(entries).join(", ")}.`);
      const built = await buildBundle({ name, contents, resolveDir: here, path: join(folder, name, "index.mjs") });
      if (name === bundleNames.gateway()) await writeSourceArchive(built.path);
      return built;
    }),
  );
}

export interface BundleOrder {
  name: string;
  /** The source of its entry, with paths from `resolveDir`. */
  contents: string;
  resolveDir: string;
  path: string;
}

export async function buildBundle({ name, contents, resolveDir, path }: BundleOrder): Promise<BuiltBundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, loader: "ts", resolveDir, sourcefile: `${name}.ts` },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: OPTIONAL,
    banner: { js: COMMONJS },
    // They stand whole in NOTICE.txt, and not in what starts cold.
    legalComments: "none",
    plugins: [sqlAsText, descriptionAsText, emptyExternals, noOtherDrivers],
    logLevel: "warning",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of ${name}.`);
  await rm(dirname(path), { recursive: true, force: true });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, file.contents);
  await writeFile(join(dirname(path), "NOTICE.txt"), await noticesOf(metafile, process.cwd()));
  return { name, path, bytes: file.contents.length, gzipped: gzipSync(file.contents).length };
}

const CALL = /\bsqlFiles\(new URL\("(\.{1,2}\/[\w./-]+\/)", import\.meta\.url\)\)/g;

/** Puts the text of the SQL files in the place of the call that reads them. */
const sqlAsText: Plugin = {
  name: "sql-as-text",
  setup({ onLoad }) {
    onLoad({ filter: /\/(functions\/stores|dashboards)\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const contents = source.replace(CALL, (_, folder: string) => {
        const files = sqlFiles(new URL(folder, pathToFileURL(path)));
        return JSON.stringify(folder.endsWith("/sql/") ? withoutComments(files) : files);
      });
      return { contents, loader: "ts" };
    });
  },
};

/**
 * Leaves comments and indentation of statements out. Migrations keep theirs: what has run is known
 * by its text.
 */
function withoutComments(files: Record<string, string>): Record<string, string> {
  const short = (text: string) => text.replace(/^\s*--.*\n/gm, "").replace(/^\s+/gm, "");
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, short(text)]));
}

/** Puts an empty module in the place of each of the externals. */
const emptyExternals: Plugin = {
  name: "empty-externals",
  setup({ onResolve, onLoad }) {
    const asked = externals.flatMap(({ modules }) => modules).map((name) => name.replace(/[.\\/]/g, "\\$&"));
    onResolve({ filter: new RegExp(`^(${asked.join("|")})$`) }, ({ path, importer }) => {
      const by = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(importer)?.[1]?.replace("\\", "/");
      const found = externals.find((one) => one.by === by && one.modules.includes(path));
      return found && { path: `${by}: ${path}`, namespace: "external", pluginData: found.instead ?? {} };
    });
    onLoad({ filter: /^/, namespace: "external" }, ({ pluginData }) => ({
      contents: JSON.stringify(pluginData),
      loader: "json",
    }));
  },
};

/**
 * A bundle has the driver that its entry asks for. What is known of a store loads the driver only
 * for a command line, which no bundle is.
 */
const noOtherDrivers: Plugin = {
  name: "no-other-drivers",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\// }, ({ path, importer, kind }) =>
      kind === "dynamic-import" && /[\\/]stores[\\/]\w+[\\/]about\.ts$/.test(importer)
        ? { path, external: true }
        : undefined,
    );
  },
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const folder = process.argv[2] ?? join(here, "../../dist/functions");
  const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  for (const { name, bytes, gzipped } of await buildBundles(folder))
    console.log(`${name.padEnd(34)} ${kb(bytes).padStart(10)} ${kb(gzipped).padStart(10)} gzipped`);
}
