import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { SigningKey } from "../contract/tokens.ts";

/** The data folder where none is named. */
export const DATA_FOLDER = ".integraviz";

/** Where one installation on this machine keeps all it has. */
export interface DataFolder {
  path: string;
  /** PostgreSQL's own folder. */
  cluster: string;
  serverLog: string;
  /**
   * `{url, token, readToken, sql}`: what the trainer and the Python client pick up by themselves.
   */
  endpoint: string;
  secrets: Secrets;
}

export interface Secrets {
  superuser: string;
  owner: string;
  writer: string;
  reader: string;
  signingKey: SigningKey;
}

/** Opens the folder, and makes it with its secrets where there is none. */
export function openDataFolder(folder: string): DataFolder {
  const path = resolve(folder);
  mkdirSync(path, { recursive: true });
  const at = (name: string) => join(path, name);
  return {
    path,
    cluster: at("postgres"),
    serverLog: at("postgres.log"),
    endpoint: at("endpoint.json"),
    secrets: readSecrets(at("secrets.json")) ?? writeSecrets(at("secrets.json")),
  };
}

/** Opens a folder that an installation made. Throws a NoInstallation where there is none. */
export function openInstallation(folder: string, otherwise = ""): DataFolder {
  if (!existsSync(join(folder, "endpoint.json"))) throw new NoInstallation(folder, otherwise);
  return openDataFolder(folder);
}

/** A folder that is no data folder of a stack on this machine. */
export class NoInstallation extends Error {
  override readonly name = "NoInstallation";
  constructor(folder: string, otherwise: string) {
    super(
      `There is no installation in ${folder}. Run integraviz start first, or name its folder with --data${otherwise}.`,
    );
  }
}

/** Readable by the owner alone, and never half written. */
export function writePrivately(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function readSecrets(path: string): Secrets | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Secrets;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  }
}

function writeSecrets(path: string): Secrets {
  const password = () => randomBytes(24).toString("base64url");
  const secrets: Secrets = {
    superuser: password(),
    owner: password(),
    writer: password(),
    reader: password(),
    signingKey: {
      kty: "oct",
      alg: "HS256",
      kid: randomBytes(6).toString("hex"),
      k: randomBytes(32).toString("base64url"),
    },
  };
  writePrivately(path, secrets);
  return secrets;
}
