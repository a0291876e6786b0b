import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LoginTo } from "../../contract/login.ts";
import { Mistake } from "../mistake.ts";

type Reader = LoginTo<"postgres">;

/**
 * Finds how a visualizer logs in to a PostgreSQL: by a URL, or as the reader of the stack on this
 * machine.
 */
export function readerLogin({ reader, data }: { reader?: string | undefined; data: string }): Reader {
  if (reader !== undefined) return loginIn(reader, "--reader");
  const file = join(data, "endpoint.json");
  if (!existsSync(file))
    throw new Mistake(
      `There is no ${file}, so what should be shown? Start the stack first (integraviz start), name its folder with --data, or give the reader's login with --reader postgres://READER:PASSWORD@HOST/DATABASE.`,
    );
  const { sql } = JSON.parse(readFileSync(file, "utf8")) as { sql: string };
  // On this machine, where nothing listens but on loopback.
  return { ...loginIn(sql, file), tls: { mode: "off" } };
}

function loginIn(text: string, option: string): Reader {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.username === "" || url.password === "")
    throw new Mistake(
      `${option} is no login to a PostgreSQL. One looks like postgres://READER:PASSWORD@HOST/DATABASE. For another database let pulumi up apply the dashboards, or write them to a folder (--out) and upload that.`,
    );
  return {
    driver: "postgres",
    host: url.hostname,
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    tls: { mode: url.searchParams.get("sslmode") === "disable" ? "off" : "verify-full" },
  };
}
