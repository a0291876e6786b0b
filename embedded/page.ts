import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Hono } from "hono";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
};

/** Pages of this machine, such as Jupyter's, may show a run's charts in a frame, on any port. */
const EMBEDDED_IN = ["'self'", "http://localhost:*", "http://127.0.0.1:*"];

/** The files that have an address of their own; all others are named by their content. */
const ENTRIES: Record<string, string> = { "index.html": "/", "embed.html": "/embed" };

export interface PageOptions {
  /** What else may show a run's charts in a frame: sources of the directive frame-ancestors. */
  embedIn?: readonly string[];
}

/**
 * Serves the built page, which nobody may frame, and the charts of one run, which some may. Neither
 * holds data: the page asks who opens it to log in, the charts need a token behind the #.
 */
export function servePage(app: Hono, folder: string, { embedIn = [] }: PageOptions = {}): void {
  for (const file of readdirSync(folder)) {
    const plain = readFileSync(join(folder, file));
    const zipped = gzipSync(plain);
    const isNamedByContent = ENTRIES[file] === undefined && file !== "NOTICE.txt";
    const headers = {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "cache-control": isNamedByContent ? "public, max-age=31536000, immutable" : "no-cache",
      "content-security-policy": policy(file === "embed.html" ? [...EMBEDDED_IN, ...embedIn] : ["'none'"]),
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      vary: "accept-encoding",
    };
    app.get(ENTRIES[file] ?? `/${file}`, (c) =>
      /\bgzip\b/.test(c.req.header("accept-encoding") ?? "")
        ? c.body(zipped, 200, { ...headers, "content-encoding": "gzip" })
        : c.body(plain, 200, headers),
    );
  }
}

const policy = (ancestors: readonly string[]) =>
  `default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors ${ancestors.join(" ")}`;

/** Serves the Python client, with its hash (RFC 9530): whoever fetches it can check it. */
export function serveClient(app: Hono, file: string): void {
  const text = readFileSync(file);
  const digest = createHash("sha256").update(text).digest("base64");
  const headers = {
    "content-type": "text/x-python; charset=utf-8",
    "cache-control": "no-cache",
    "repr-digest": `sha-256=:${digest}:`,
    "x-content-type-options": "nosniff",
  };
  app.get("/integraviz.py", (c) => c.body(text, 200, headers));
}
