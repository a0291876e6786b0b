/** Superset 6.1 as far as dashboards meet it, its refusals as the real one made them. */
import { SupersetAssets } from "./superset-assets.ts";
import { type Asked, type Said, type StandIn, standIn } from "./visualizer.ts";

export interface Product extends StandIn {
  /** What is registered, with its secrets. */
  readonly databases: Record<string, unknown>[];
  /** The storage can no longer be reached with these credentials. */
  refuse: (reader: string) => boolean;
  /** The address that its links are made with, as far as it was told. */
  site?: string;
}

export interface SupersetStandIn extends Product {
  assets: SupersetAssets;
  /** Views that are not in the storage. */
  missing: Set<string>;
  /** Gives up at the call of this number, counted from 0. */
  dieAt: number;
}

export const ADMIN = { user: "admin", password: "Admin-PASSWORD-77" };

/** @param preset a workspace of Preset's: a bearer's token from its manager is all that it wants */
export async function superset({ preset = false, version = "6.1.0" } = {}): Promise<SupersetStandIn> {
  const assets = new SupersetAssets();
  const server = await standIn((asked) => {
    if (product.asked.length > product.dieAt) return { status: 502, body: "gone" };
    return answer(asked);
  });
  const product: SupersetStandIn = Object.assign(
    Object.defineProperty(server as StandIn & { databases: Product["databases"] }, "databases", {
      get: () => assets.of("databases").map(({ id, content }) => ({ id, ...content })),
    }),
    { assets, refuse: () => false, missing: new Set<string>(), dieAt: Number.POSITIVE_INFINITY },
  );
  return product;

  function answer(asked: Asked): Said {
    const { method, path, headers, body } = asked;
    if (path === "/health") return { body: "OK" };
    if (path === "/version") return version === "" ? { status: 404 } : { body: { version_string: version } };
    if (path === "/api/v1/security/login") {
      const known = !preset && body.username === ADMIN.user && body.password === ADMIN.password;
      return known ? { body: { access_token: "BEARER" } } : { status: 401, body: { message: "Not authorized" } };
    }
    if (headers.authorization !== "Bearer BEARER")
      return { status: 401, body: { msg: "Missing Authorization Header" } };
    if (path === "/api/v1/security/csrf_token/")
      return { headers: { "set-cookie": "session=S; Secure; HttpOnly" }, body: { result: "CSRF" } };
    const own = headers.cookie === "session=S" && headers["x-csrftoken"] === "CSRF" && headers.referer !== undefined;
    if (method !== "GET" && !preset && !own) return { status: 302, headers: { location: "/login/" } };
    return ofAssets(asked);
  }

  function ofAssets({ method, path, body }: Asked): Said {
    const [, kind = "", id = ""] = /^\/api\/v1\/(\w+)\/(\d+)?/.exec(path) ?? [];
    const query = decodeURIComponent(path.split("?q=")[1] ?? "");
    if (method === "POST" && path === "/api/v1/database/test_connection/") return tried(body);
    if (method === "POST" && path === "/api/v1/assets/import/") return assets.import(body);
    if (method === "POST" && path === "/api/v1/chart/data") return data(body.datasource.id);
    if (method === "GET" && path.startsWith("/api/v1/dashboard/export/"))
      return { body: assets.export(query.match(/\d+/g)?.map(Number) ?? []) };
    if (method === "GET" && query !== "") return assets.list(kind, query);
    if (method === "GET" && path.endsWith("/related_objects")) {
      const uuid = assets.byId("datasets", Number(id))?.content.uuid;
      const charts = assets.of("charts").filter(({ content }) => content.dataset_uuid === uuid);
      return { body: { charts: { count: charts.length, result: charts.map((chart) => ({ id: chart.id })) } } };
    }
    const found = assets.byId(`${kind}s` as "charts", Number(id));
    if (method === "DELETE" && found !== undefined) {
      assets.assets.delete(found.content.uuid);
      return { body: { message: "OK" } };
    }
    return { status: 404, body: { message: "Not found" } };
  }

  function data(dataset: number): Said {
    const { table_name = "" } = assets.byId("datasets", dataset)?.content ?? {};
    return product.missing.has(table_name)
      ? { status: 400, body: { message: `relation "integraviz.${table_name}" does not exist` } }
      : { body: { result: [{ data: [], rowcount: 0, error: null }] } };
  }

  function tried(body: Record<string, string>): Said {
    const reader = `${body.sqlalchemy_uri} ${body.masked_encrypted_extra}`;
    return product.refuse(reader)
      ? { status: 400, body: { errors: [{ message: `cannot connect: ${reader}` }] } }
      : { body: { message: "OK" } };
  }
}
