/** Metabase 0.64 as far as dashboards meet it. */
import { type Kept, MetabaseAssets, type Run } from "./metabase-assets.ts";
import { wrongKeys } from "./metabase-keys.ts";
import { ADMIN, type Product } from "./superset.ts";
import { type Asked, type Said, standIn } from "./visualizer.ts";

/** What MB_PASSWORD_COMPLEXITY=strong asks for. */
const STRONG = [/.{8}/, /[a-z].*[a-z]/, /[A-Z].*[A-Z]/, /\d/, /[^a-zA-Z\d]/];

export interface MetabaseStandIn extends Product {
  assets: MetabaseAssets;
  /** Views that are not in the storage. */
  missing: Set<string>;
  /** Gives up at the call of this number, counted from 0. */
  dieAt: number;
}

interface Options {
  isSetUp?: boolean;
  /** How often it says that it is still starting. */
  startingFor?: number;
  /** "" where it does not say. */
  version?: string;
  /** Asks the storage; by default there are views without rows. */
  run?: Run;
}

export async function metabase({ isSetUp = true, startingFor = 0, version = "v0.64.3", run }: Options = {}) {
  const assets = new MetabaseAssets();
  let set = isSetUp;
  let starting = startingFor;
  const server = await standIn((asked) => {
    if (product.asked.length > product.dieAt) return { status: 502, body: "gone" };
    return answer(asked);
  });
  const product: MetabaseStandIn = Object.assign(
    Object.defineProperty(server as typeof server & { databases: Product["databases"] }, "databases", {
      get: () => assets.databases,
    }),
    { assets, refuse: () => false, missing: new Set<string>(), dieAt: Number.POSITIVE_INFINITY },
  );
  return product;

  function answer(asked: Asked): Said | Promise<Said> {
    const { method, path, headers, body } = asked;
    if (path === "/api/health") return starting-- > 0 ? { status: 503, body: { status: "initializing" } } : {};
    if (path === "/api/session/properties") return { body: properties() };
    const route = `${method} ${path.replace(/\?.*/, "")}`;
    const wrong = method === "GET" ? null : wrongKeys(patternOf(route), body);
    if (wrong !== null) return { status: 400, body: { errors: wrong } };
    if (path === "/api/setup") return setUp(body);
    if (path === "/api/session") {
      const known = body.username === ADMIN.user && body.password === ADMIN.password;
      return known ? { body: { id: "SESSION" } } : { status: 401, body: { errors: { password: "did not match" } } };
    }
    if (headers["x-metabase-session"] !== "SESSION") return { status: 401, body: "Unauthenticated" };
    if (route === "PUT /api/setting/site-url") {
      product.site = body.value;
      return { status: 204 };
    }
    return ofAssets(asked, route);
  }

  function properties(): object {
    const tag = version === "" ? {} : { version: { tag: version } };
    return {
      "has-user-setup": set,
      "setup-token": set ? null : "SETUP",
      "site-url": product.site ?? null,
      ...tag,
    };
  }

  function setUp({ token, user }: Kept): Said {
    if (set || token !== "SETUP") return { status: 403, body: "The /api/setup route can only be used once." };
    if (user.email !== ADMIN.user || user.password !== ADMIN.password) return { status: 400 };
    if (!STRONG.every((part) => part.test(user.password)))
      return { status: 400, body: { errors: { password: "password is too common." } } };
    set = true;
    return { body: { id: "SESSION" } };
  }

  function ofAssets({ path, body }: Asked, route: string): Said | Promise<Said> {
    const id = Number(/^\/api\/\w+\/(\d+)/.exec(path)?.[1]);
    switch (patternOf(route)) {
      case "GET /api/database":
        return assets.listDatabases();
      case "POST /api/database":
      case "PUT /api/database/:id": {
        const reader = JSON.stringify(body.details);
        if (body.details !== undefined && product.refuse(reader))
          return { status: 400, body: { message: `cannot connect: ${reader}` } };
        return assets.putDatabase(route.startsWith("POST") ? null : id, body);
      }
      case "POST /api/database/:id/sync_schema":
        return { body: { status: "ok" } };
      case "GET /api/collection":
        return { body: [{ id: "root", name: "Our analytics" }, ...assets.collections.filter((one) => !one.archived)] };
      case "POST /api/collection":
        return assets.putCollection(null, body);
      case "PUT /api/collection/:id":
        return assets.putCollection(id, body);
      case "GET /api/collection/:id/items":
        return { body: itemsOf(id) };
      case "GET /api/card":
        return { body: assets.cards.filter((one) => !one.archived) };
      case "POST /api/card":
        return assets.putCard(null, body);
      case "PUT /api/card/:id":
        return assets.putCard(id, body);
      case "GET /api/card/:id/dashboards": {
        const on = assets.dashboards.filter(({ dashcards }) => dashcards.some((one: Kept) => one.card_id === id));
        return { body: on.map((one) => ({ id: one.id, name: one.name })) };
      }
      case "POST /api/card/:id/query":
        return query(id, body.parameters);
      case "POST /api/dashboard":
        return assets.makeDashboard(body);
      case "GET /api/dashboard/:id": {
        const found = assets.dashboards.find((one) => one.id === id);
        return found === undefined ? { status: 404 } : { body: assets.dashboard(found) };
      }
      case "PUT /api/dashboard/:id":
        return assets.putDashboard(id, body);
      case "POST /api/dashboard/:id/dashcard/:dashcard/card/:card/query":
        return queryOn(path.split("/").map(Number), body.parameters);
    }
    return { status: 404, body: "Not found" };
  }

  function itemsOf(id: number): object {
    const data = assets.dashboards
      .filter((one) => one.collection_id === id && !one.archived)
      .map(({ dashcards, parameters, ...item }) => ({ ...item, model: "dashboard" }));
    return { data, total: data.length };
  }

  /** What is chosen is named by the dashboard's parameters, and passed on as its dashcard maps them. */
  function queryOn([, , , dashboardId, , dashcardId, , cardId]: number[], chosen: Kept[]): Said | Promise<Said> {
    const dashboard = assets.dashboards.find(({ id }) => id === dashboardId);
    const dashcard = dashboard?.dashcards.find(({ id, card_id }: Kept) => id === dashcardId && card_id === cardId);
    if (dashcard === undefined) return { status: 404 };
    const mapped = chosen.flatMap(({ id, value }) =>
      dashcard.parameter_mappings
        .filter(({ parameter_id }: Kept) => parameter_id === id)
        .map(({ target }: Kept) => ({ target, value })),
    );
    return query(cardId!, mapped);
  }

  function query(id: number, chosen: { target: Kept; value: string[] }[] = []): Said | Promise<Said> {
    const card = assets.cards.find((one) => one.id === id);
    if (card === undefined) return { status: 404 };
    const values = Object.fromEntries(chosen.map(({ target, value }) => [target[1][1], value]));
    return assets.query(card, values, run ?? withoutRows);
  }

  async function withoutRows(sql: string): Promise<[]> {
    for (const view of product.missing)
      if (new RegExp(`\\.${view}\\b`).test(sql))
        throw new Error(`ERROR: relation "integraviz.${view}" does not exist\n  Position: 15`);
    return [];
  }
}

/** A route with names in place of what it is of. */
function patternOf(route: string): string {
  return route
    .replace(/^(\w+ \/api\/setting)\/.*/, "$1/:key")
    .replace(/^(\w+ \/api\/\w+)\/\d+/, "$1/:id")
    .replace(/\/dashcard\/\d+\/card\/\d+\//, "/dashcard/:dashcard/card/:card/");
}
