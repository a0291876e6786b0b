/**
 * The functions' bundles: what `npm run build` writes (contract/bundles.ts names them) and the
 * components deploy.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { asset } from "@pulumi/pulumi";
import { SOURCE_ARCHIVE, sourceManifest } from "../contract/bundles.ts";
import { mistake } from "./checking/mistake.ts";

export interface Bundle {
  name: string;
  /** Absolute path of index.mjs. */
  path: string;
  /** First 16 hex digits of the content's SHA-256: what "once per content" hangs on. */
  hash: string;
}

export function bundle(dir: string, name: string): Bundle {
  const path = resolve(dir, name, "index.mjs");
  if (!existsSync(path))
    throw mistake(
      `The bundle ${name} is missing (${join(dir, name, "index.mjs")}).\n  fix: npm run build, then run this again`,
    );
  const hash = createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 16);
  return { name, path, hash };
}

/** The bundle as the zip that Lambda and Cloud Functions take. */
export function archive(of: Bundle): asset.AssetArchive {
  return new asset.AssetArchive({
    "index.mjs": new asset.FileAsset(of.path),
    "package.json": new asset.StringAsset(sourceManifest),
  });
}

/** The bundle as the gzipped tar file that Cloud Run takes where it builds nothing. */
export function sourceArchive(of: Bundle): asset.FileAsset {
  return new asset.FileAsset(join(dirname(of.path), SOURCE_ARCHIVE));
}
