/**
 * The functions' bundles: what `npm run build` writes (contract/bundles.ts names them) and the
 * components deploy.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { asset } from "@pulumi/pulumi";
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

/**
 * The bundle as a zip with the package.json that makes Node read it as a module and Cloud Functions
 * find it.
 */
export function archive(of: Bundle): asset.AssetArchive {
  return new asset.AssetArchive({
    "index.mjs": new asset.FileAsset(of.path),
    "package.json": new asset.StringAsset('{"name":"integraviz-function","type":"module","main":"index.mjs"}'),
  });
}
