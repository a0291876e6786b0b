import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SCOPES, type Scope } from "../contract/tokens.ts";
import { openDataFolder } from "../embedded/data-folder.ts";
import type { Endpoint } from "../embedded/stack.ts";
import { readProject } from "../functions/event/values.ts";
import { signToken } from "../functions/http/tokens.ts";
import { openPostgresStore } from "../functions/stores/postgres/postgres.ts";

const HELP = `npm run token -- --actor NAME --scope SCOPE [options]     make a token
npm run token -- --deny ID                               take one back

  --actor NAME     who holds it; kept with what is done with it
  --scope SCOPE    ingest, read or control; several times for several
  --project NAME   a project it is good for; several times for several (default: all)
  --days N         how long it is good (default: for ever)
  --deny ID        the id (jti) that was printed with the token; needs \`npm start\` running
  --data DIR       the data folder of \`npm start\` (default .integraviz)
`;

try {
  await main();
} catch (error) {
  console.error(`${(error as Error).message}\n\n${HELP}`);
  process.exit(1);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      actor: { type: "string" },
      scope: { type: "string", multiple: true, default: [] },
      project: { type: "string", multiple: true },
      days: { type: "string" },
      deny: { type: "string" },
      data: { type: "string", default: ".integraviz" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  if (!existsSync(join(values.data, "secrets.json"))) {
    throw new Error(`There is no installation in ${values.data}. Run npm start first, or name its folder with --data.`);
  }
  const { secrets, endpoint } = openDataFolder(values.data);
  if (values.deny !== undefined) {
    await deny(values.deny, JSON.parse(readFileSync(endpoint, "utf8")) as Endpoint, secrets.writer);
    return;
  }
  const { actor } = values;
  if (actor === undefined || actor === "") throw new Error("--actor is missing: name who will hold the token.");
  const scopes = SCOPES.filter((scope) => values.scope.includes(scope));
  const unknown = values.scope.find((scope) => !SCOPES.includes(scope as Scope));
  if (unknown !== undefined || scopes.length === 0)
    throw new Error(`--scope ${unknown ?? "is missing"}: use ${SCOPES.join(", ")}.`);
  const projects = values.project?.map((name) => readProject(name, "--project")) ?? "*";
  const jti = randomUUID();
  const token = await signToken(secrets.signingKey, { actor, projects, scopes, jti }, expiry(values.days));
  console.error(`id ${jti}, ${scopes.join(" ")}, ${projects === "*" ? "all projects" : projects.join(" ")}`);
  console.log(token);
}

function expiry(days: string | undefined): { expiresAt?: Date } {
  if (days === undefined) return {};
  if (!/^[1-9]\d{0,4}$/.test(days)) throw new Error(`--days ${days}: use a whole number of days.`);
  return { expiresAt: new Date(Date.now() + Number(days) * 86_400_000) };
}

async function deny(jti: string, { sql }: Endpoint, password: string): Promise<void> {
  const writer = new URL(sql);
  writer.username = "integraviz_writer";
  writer.password = password;
  const store = openPostgresStore({ writerUrl: String(writer), readerUrl: sql });
  try {
    await store.denyToken(jti, process.env.USER ?? "local");
  } finally {
    await store.close();
  }
  console.error(`Token ${jti} is refused from now on, at the latest in ten seconds.`);
}
