/** The sources that the style rules read: every TypeScript file git tracks, parsed once. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A violation: where it is, and what to do about it. */
export interface Violation {
  /** Path from the root of the repository. */
  file: string;
  /** Counted from 1. */
  line: number;
  message: string;
}

/** Lists product code: what is neither a test, a bench nor an example. */
export function productFiles(): string[] {
  return trackedFiles().filter((path) => !/^(test|bench|examples|findings)\//.test(path) && !path.endsWith(".d.ts"));
}

/** Lists the TypeScript files that git tracks or would, by their paths from the root. */
export function trackedFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return listed.split("\n").filter((path) => path !== "" && existsSync(join(ROOT, path)));
}

const parsed = new Map<string, ts.SourceFile>();

export function parseSource(path: string): ts.SourceFile {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(join(ROOT, path), "utf8");
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  parsed.set(path, source);
  return source;
}

/** Returns the files of this repository that one imports, types counted. */
export function importsOf(path: string): string[] {
  return ts
    .preProcessFile(parseSource(path).text, true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => join(dirname(path), fileName));
}

export function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}
