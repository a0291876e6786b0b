import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Secrets } from "../../embedded/data-folder.ts";
import type { Event } from "../../functions/event/event.ts";
import { readEvent } from "../files/event-fields.ts";
import { readEventLine } from "../files/event-lines.ts";
import { Mistake } from "../mistake.ts";

/**
 * A backup: lines of JSON, gzipped. The first holds what an installation has beside its events, the
 * last what was written, and all between are events as in an export. It belongs to no version of
 * PostgreSQL.
 */
export interface BackupHead {
  "integraviz-backup": 1;
  /** ISO 8601. */
  made_at: string;
  secrets: Secrets;
  /** Tokens that were taken back. */
  denied: DeniedToken[];
}

export interface DeniedToken {
  jti: string;
  actor: string;
  denied_at: string;
}

export interface BackupEnd {
  events: number;
  runs: number;
  /** Of all events, as 16 hexadecimal digits. */
  hash: string;
}

/** The last line, which also says what SHA-256 all lines before it have. */
interface LastLine extends BackupEnd {
  sha256: string;
}

/**
 * Writes a backup that nobody else may read: to a file of its own, as one that stands there keeps
 * its mode and its links.
 * @param end asked once all events are written
 */
export async function writeBackup(
  file: string,
  head: BackupHead,
  lines: AsyncIterable<string>,
  end: () => BackupEnd,
): Promise<void> {
  const hash = createHash("sha256");
  const whole = async function* () {
    yield hashed(hash, `${JSON.stringify(head)}\n`);
    for await (const some of lines) yield hashed(hash, some);
    yield `${JSON.stringify({ ...end(), sha256: hash.digest("hex") } satisfies LastLine)}\n`;
  };
  const out = createWriteStream(file, { flags: "wx", mode: 0o600, flush: true });
  await pipeline(Readable.from(whole()), createGzip({ level: 6 }), out);
}

function hashed(hash: Hash, text: string): string {
  hash.update(text);
  return text;
}

export interface BackupReader {
  head: BackupHead;
  /** Rejects at the end with a Mistake where the file is not whole or was changed. */
  pages: AsyncIterable<Event[]>;
  /** Known once all pages are read. */
  end(): BackupEnd;
}

const EVENTS_A_PAGE = 2_000;
const LETTERS_A_PAGE = 16 * 1024 * 1024;

/** Opens a backup for one reading. Rejects with a Mistake where the file is none. */
export async function readBackup(file: string): Promise<BackupReader> {
  const lines = linesOf(file);
  const first = await lines.next();
  const head = first.done ? null : headOf(first.value);
  if (head === null) throw new Mistake(`${file} is no backup. Give a file that integraviz backup wrote.`);
  const hash = createHash("sha256").update(`${first.value}\n`);
  let end: LastLine | null = null;

  async function* pages(): AsyncGenerator<Event[]> {
    let page: Event[] = [];
    let letters = 0;
    let number = 1;
    for await (const line of lines) {
      number += 1;
      if (end !== null) throw broken(file);
      end = lastLineOf(line);
      if (end !== null) continue;
      hash.update(`${line}\n`);
      page.push(readEvent(readEventLine(line, `line ${number}`), `line ${number}`));
      letters += line.length;
      if (page.length < EVENTS_A_PAGE && letters < LETTERS_A_PAGE) continue;
      yield page;
      page = [];
      letters = 0;
    }
    if (page.length > 0) yield page;
    if (end?.sha256 !== hash.digest("hex")) throw broken(file);
  }

  return {
    head,
    pages: pages(),
    end() {
      if (end === null) throw broken(file);
      const { events, runs, hash } = end;
      return { events, runs, hash };
    },
  };
}

const broken = (file: string) => new Mistake(`${file} is not a whole backup, or was changed since: use another one.`);

/** Rejects with a Mistake where the file ends in the middle, or is not gzipped. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const unzipped = createGunzip();
  const source = createReadStream(file).on("error", (error) => unzipped.destroy(error));
  let rest = "";
  try {
    for await (const chunk of source.pipe(unzipped).setEncoding("utf8")) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() as string;
      yield* lines;
    }
  } catch (error) {
    throw /^Z_/.test((error as NodeJS.ErrnoException).code ?? "") ? broken(file) : error;
  }
  if (rest !== "") throw broken(file);
}

function headOf(line: string): BackupHead | null {
  const head = parsed(line) as Partial<BackupHead> | null;
  if (head?.["integraviz-backup"] === undefined) return null;
  if (head["integraviz-backup"] === 1) return head as BackupHead;
  throw new Mistake(`The backup is of a newer integraviz. Restore it with the one that wrote it, or a newer one.`);
}

/** Null for an event, which has an id. */
function lastLineOf(line: string): LastLine | null {
  return line.startsWith('{"events":') ? (parsed(line) as LastLine) : null;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
