import { copyFileSync, existsSync, statSync, truncateSync } from "node:fs";

const LOG_BYTES = 10_000_000;
const LOOKED_AT_MS = 60_000;

/** Keeps a log below some 10 MB, and as much again in `.1` beside it. */
export function rotateLog(file: string): void {
  if (!existsSync(file) || statSync(file).size <= LOG_BYTES) return;
  copyFileSync(file, `${file}.1`);
  // In the same file: the server writes at the end of the one that it has open.
  truncateSync(file);
}

/** Rotates the log now and every minute, until the returned function is called. */
export function keepLogShort(file: string): () => void {
  rotateLog(file);
  const timer = setInterval(() => rotateLog(file), LOOKED_AT_MS).unref();
  return () => clearInterval(timer);
}
