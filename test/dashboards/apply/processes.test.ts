/** The two bundles' entries, started as the components start them. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { handler } from "../../../dashboards/apply-lambda.ts";
import { readTarget } from "../../../dashboards/target.ts";
import { metabase } from "../../stand-ins/metabase.ts";
import { ADMIN } from "../../stand-ins/superset.ts";
import { type StandIn, standIn } from "../../stand-ins/visualizer.ts";

const open: StandIn[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const login = { driver: "postgres", host: "db", port: 5432, database: "d", user: "u", tls: { mode: "off" } };
const SECRETS = JSON.stringify({ reader: { password: "READER-PASSWORD" }, visualizer: { password: ADMIN.password } });

function environment(url: string) {
  return {
    INTEGRAVIZ_VISUALIZER: JSON.stringify({
      product: "metabase",
      name: "integraviz-local",
      url,
      by: "password",
      user: ADMIN.user,
    }),
    INTEGRAVIZ_READER: JSON.stringify(login),
  };
}

function run(env: Record<string, string>): Promise<{ code: number; out: string; err: string }> {
  const script = fileURLToPath(new URL("../../../dashboards/apply-node.ts", import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", script], { env: { ...process.env, ...env } }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

test("in a container: 0 when the visualizer shows the storage, 1 and one line when it does not", async () => {
  const server = await metabase();
  open.push(server);
  const env = { ...environment(server.url), INTEGRAVIZ_SECRETS: SECRETS };
  const first = await run(env);
  expect(first).toMatchObject({ code: 0, err: "" });
  expect(first.out).toContain(`metabase at ${server.url} reads the storage as its database 1\n`);
  expect(first.out).toMatch(new RegExp(`^${server.url}/dashboard/\\d+#refresh=30$`, "m"));
  server.refuse = () => true;
  const rotated = SECRETS.replace("READER-PASSWORD", "READER-PASSWORD-2");
  const { code, err } = await run({ ...env, INTEGRAVIZ_SECRETS: rotated });
  expect(code).toBe(1);
  expect(err).toMatch(/^PUT .* answered 400: .*cannot connect.*\n$/);
  expect(err).not.toContain("READER-PASSWORD");
});

test("on Lambda: with the secret of Secrets Manager, asked for as the function's role; the answer holds none", async () => {
  const server = await metabase();
  // As IAM does it: the role's policy is there, and not known of yet.
  let unknown = 3;
  const manager = await standIn(({ headers, body }) => {
    if (unknown-- > 0) return { status: 400, body: { __type: "AccessDeniedException", Message: "not authorized" } };
    return headers["x-amz-target"] === "secretsmanager.GetSecretValue" &&
      String(headers.authorization).includes("/eu-central-1/secretsmanager/aws4_request")
      ? { body: { SecretString: SECRETS, ARN: body.SecretId } }
      : { status: 400 };
  });
  open.push(server, manager);
  const lambda = {
    ...environment(server.url),
    INTEGRAVIZ_SECRETS_ARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:s",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url,
    AWS_ACCESS_KEY_ID: "A",
    AWS_SECRET_ACCESS_KEY: "S",
    AWS_SESSION_TOKEN: "T",
    INTEGRAVIZ_GRANT_SECONDS: "2",
  };
  for (const [name, value] of Object.entries(lambda)) vi.stubEnv(name, value);
  const answer = await handler();
  expect(answer).toMatchObject({
    database: 1,
    urls: { training: expect.stringContaining("#refresh=30") },
    warnings: [],
  });
  expect(JSON.stringify(answer)).not.toContain("PASSWORD");
  expect(server.databases[0]).toMatchObject({ name: "integraviz-local", engine: "postgres" });
});

test.each<[string, Record<string, string | undefined>, string, string]>([
  ["no visualizer", { INTEGRAVIZ_VISUALIZER: undefined }, SECRETS, "INTEGRAVIZ_VISUALIZER is missing."],
  ["a reader that is no JSON", { INTEGRAVIZ_READER: "READER-PASSWORD" }, SECRETS, "INTEGRAVIZ_READER is not JSON."],
  ["no password", {}, "{}", "INTEGRAVIZ_SECRETS has no visualizer."],
  [
    "a reader without its secret",
    {},
    '{"visualizer":{"password":"READER-PASSWORD"}}',
    "INTEGRAVIZ_READER, at password, should be a string.",
  ],
])("%s is told by the variable, without its content", (_what, change, secrets, says) => {
  const reading = () => readTarget({ ...environment("http://x"), ...change }, secrets);
  expect(reading).toThrow(says);
  expect(reading).not.toThrow("READER-PASSWORD");
});
