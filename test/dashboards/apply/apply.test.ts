import { afterEach, describe, expect, test } from "vitest";
import { apply } from "../../../dashboards/apply.ts";
import { iapHeader } from "../../../dashboards/iap.ts";
import { sender, untilWell } from "../../../dashboards/send.ts";
import type { Target } from "../../../dashboards/target.ts";
import { metabase } from "../../stand-ins/metabase.ts";
import { ADMIN, type Product, superset } from "../../stand-ins/superset.ts";
import { type StandIn, standIn } from "../../stand-ins/visualizer.ts";
import { readers } from "../superset/readers.ts";

const SECRETS = [
  ADMIN.password,
  "READER/PASSWORD",
  "READER%2FPASSWORD",
  "KEY/IN/THE/CLEAR",
  "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS",
];

const open: StandIn[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});
async function running<T extends StandIn>(starting: Promise<T>): Promise<T> {
  const server = await starting;
  open.push(server);
  return server;
}

const products: Record<string, () => Promise<Product>> = { superset, metabase };

describe.each(Object.entries(products))("%s", (product, start) => {
  const target = (server: Product, change: Partial<Target> = {}): Target => ({
    product: product as Target["product"],
    name: "integraviz-aws",
    url: server.url,
    by: "password",
    ...ADMIN,
    reader: readers.postgres,
    ...change,
  });

  test.each(Object.entries(readers))("is shown %s once, however often it is applied", async (_driver, reader) => {
    const server = await running(start());
    const { changed, ...first } = await apply(target(server, { reader }));
    expect(await apply(target(server, { reader }))).toEqual({ ...first, changed: [] });
    expect(server.databases).toHaveLength(1);
    expect(server.databases[0]).toMatchSnapshot();
  });

  test("takes up a new login, and another storage in place of the old", async () => {
    const server = await running(start());
    await apply(target(server));
    await apply(target(server, { reader: { ...readers.postgres, password: "ROTATED" } }));
    expect(JSON.stringify(server.databases)).toContain("ROTATED");
    await apply(target(server, { reader: readers.bigquery }));
    expect(server.databases).toHaveLength(1);
    expect(JSON.stringify(server.databases)).toContain("bigquery");
    await apply(target(server));
    expect(JSON.stringify(server.databases), "nothing is left of the storage before").not.toContain("PRIVATE");
  });

  test("leaves the storages of others alone", async () => {
    const server = await running(start());
    const ours = await apply(target(server));
    const theirs = await apply(target(server, { name: "it's theirs" }));
    expect(theirs.database).not.toEqual(ours.database);
    expect((await apply(target(server, { name: "it's theirs" }))).database).toEqual(theirs.database);
    expect(server.databases).toHaveLength(2);
  });

  test.each(Object.entries(readers))("says why %s cannot be reached, and shows no secret", async (_driver, reader) => {
    const server = await running(start());
    server.refuse = () => true;
    const error = await apply(target(server, { reader })).catch((error: Error) => error);
    expect(String(error)).toMatch(/POST http\S+ answered 400: .*cannot connect/);
    for (const secret of SECRETS) expect(String(error)).not.toContain(secret);
    expect(server.databases).toEqual([]);
  });

  test("says that the administrator is refused", async () => {
    const server = await running(start());
    const refused = apply(target(server, { password: "WRONG-PASSWORD" }));
    await expect(refused).rejects.toThrow(/answered 401/);
    await expect(refused).rejects.not.toThrow("WRONG-PASSWORD");
  });
});

test("a Metabase that nobody has set up gets its administrator first", async () => {
  const server = await running(metabase({ isSetUp: false }));
  const target: Target = {
    product: "metabase",
    name: "n",
    url: server.url,
    by: "password",
    ...ADMIN,
    reader: readers.postgres,
  };
  server.refuse = () => true;
  await expect(apply(target)).rejects.toThrow("cannot connect");
  server.refuse = () => false;
  expect(await apply(target), "a first try that failed half-way is taken up").toMatchObject({ database: 1 });
  expect(server.asked.filter(({ path }) => path === "/api/setup")).toHaveLength(1);
  expect(server.site, "where it is the same for people, it finds out itself").toBeUndefined();
  await apply({ ...target, site: "https://d1.cloudfront.net" });
  expect(server.site).toBe("https://d1.cloudfront.net");
});

test("Preset is reached by its own API, with a token's name and secret", async () => {
  const workspace = await running(superset({ preset: true }));
  const manager = await running(
    standIn(({ path, body }) =>
      path === "/v1/auth/" && body.name === "ci" && body.secret === "TOKEN-SECRET"
        ? { body: { payload: { access_token: "BEARER" } } }
        : { status: 401 },
    ),
  );
  const target: Target = {
    product: "superset",
    name: "integraviz-paper",
    url: workspace.url,
    by: "preset",
    user: "ci",
    password: "TOKEN-SECRET",
    reader: readers.snowflake,
  };
  expect(await apply(target, { manager: manager.url })).toMatchObject({ database: 1 });
  expect(workspace.asked.map(({ path }) => path)).not.toContain("/api/v1/security/login");
  await expect(apply({ ...target, password: "OLD-SECRET" }, { manager: manager.url })).rejects.toThrow(
    "/v1/auth/ answered 401",
  );
});

test("a visualizer that is still starting is waited for, until the deadline", async () => {
  const slow = await running(metabase({ startingFor: 3 }));
  await untilWell(sender(slow.url, {}, []), "/api/health", { seconds: 10, everyMs: 10 });
  expect(slow.asked).toHaveLength(4);
  const never = await running(metabase({ startingFor: 1e9 }));
  const waiting = untilWell(sender(never.url, {}, []), "/api/health", { seconds: 0.1, everyMs: 10 });
  await expect(waiting).rejects.toThrow("answered 503");
});

test("behind Identity-Aware Proxy every request carries a token that the task's account has signed for it", async () => {
  const google = await running(
    standIn(({ method, path, headers, body }) => {
      if (path.endsWith("/service-accounts/default/token"))
        return headers["metadata-flavor"] === "Google" ? { body: { access_token: "GOOGLE" } } : { status: 403 };
      if (method === "POST" && path === "/v1/projects/-/serviceAccounts/task@x.iam.gserviceaccount.com:signJwt")
        return headers.authorization === "Bearer GOOGLE" ? { body: { signedJwt: body.payload } } : { status: 401 };
      return { status: 404 };
    }),
  );
  const at = { metadata: google.url, credentials: google.url };
  const header = await iapHeader("task@x.iam.gserviceaccount.com", "https://bi.example.com", at);
  const { iat, ...claims } = JSON.parse(header["proxy-authorization"].replace("Bearer ", ""));
  expect(claims).toEqual({
    iss: "task@x.iam.gserviceaccount.com",
    sub: "task@x.iam.gserviceaccount.com",
    aud: "https://bi.example.com/*",
    exp: iat + 3600,
  });

  const server = await running(superset());
  const target: Target = {
    product: "superset",
    name: "n",
    url: server.url,
    by: "password",
    ...ADMIN,
    reader: readers.postgres,
  };
  await apply(target, { headers: { "proxy-authorization": "Bearer SIGNED" } });
  expect(new Set(server.asked.map(({ headers }) => headers["proxy-authorization"]))).toEqual(
    new Set(["Bearer SIGNED"]),
  );
});
