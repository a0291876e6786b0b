import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { SOURCE_ARCHIVE, sourceManifest } from "../../contract/bundles.ts";

/**
 * Writes a bundle beside itself as the gzipped tar file that Cloud Run deploys without a build. The
 * same bundle gives the same bytes.
 */
export async function writeSourceArchive(bundlePath: string): Promise<string> {
  const path = join(dirname(bundlePath), SOURCE_ARCHIVE);
  const files = { "index.mjs": await readFile(bundlePath), "package.json": Buffer.from(sourceManifest) };
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mtime: new Date(0), mode: 0o644 }, content);
  tar.finalize();
  await pipeline(tar, createGzip({ level: 9 }), createWriteStream(path));
  return path;
}
