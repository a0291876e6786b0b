/** Metabase as far as its set-up and the registration of a database meet it. */

import { ADMIN, type Product } from "./superset.ts";
import { type Asked, type Said, standIn } from "./visualizer.ts";

/** What MB_PASSWORD_COMPLEXITY=strong asks for. */
const STRONG = [/.{8}/, /[a-z].*[a-z]/, /[A-Z].*[A-Z]/, /\d/, /[^a-zA-Z\d]/];

/** @param startingFor how often it says that it is still starting */
export async function metabase({ isSetUp = true, startingFor = 0 } = {}): Promise<Product> {
  const databases: Record<string, unknown>[] = [];
  let set = isSetUp;
  let starting = startingFor;
  const server = await standIn((asked) => answer(asked));
  const product: Product = Object.assign(server, { databases, refuse: () => false });
  return product;

  function answer({ method, path, headers, body }: Asked): Said {
    if (path === "/api/health") return starting-- > 0 ? { status: 503, body: { status: "initializing" } } : {};
    if (path === "/api/session/properties")
      return { body: { "has-user-setup": set, "setup-token": set ? null : "SETUP" } };
    if (path === "/api/setup") {
      if (set || body.token !== "SETUP") return { status: 403, body: "The /api/setup route can only be used once." };
      if (body.user.email !== ADMIN.user || body.user.password !== ADMIN.password) return { status: 400 };
      if (!STRONG.every((part) => part.test(body.user.password)))
        return { status: 400, body: { errors: { password: "password is too common." } } };
      set = true;
      return { body: { id: "SESSION" } };
    }
    if (path === "/api/session") {
      const known = body.username === ADMIN.user && body.password === ADMIN.password;
      return known ? { body: { id: "SESSION" } } : { status: 401, body: { errors: { password: "did not match" } } };
    }
    if (headers["x-metabase-session"] !== "SESSION") return { status: 401, body: "Unauthenticated" };

    if (method === "PUT" && path === "/api/setting/site-url") {
      product.site = body.value;
      return { status: 204 };
    }
    const [, id, rest] = /^\/api\/database\/(\d+)(\/sync_schema)?$/.exec(path) ?? [];
    if (method === "GET" && path === "/api/database") return { body: { data: databases, total: databases.length } };
    if (method === "POST" && rest) return databases[Number(id) - 1] ? { body: { status: "ok" } } : { status: 404 };
    if ((method === "POST" && path === "/api/database") || (method === "PUT" && id)) {
      const reader = JSON.stringify(body.details);
      if (product.refuse(reader)) return { status: 400, body: { message: `cannot connect: ${reader}` } };
      // It takes a second one of the same name.
      if (method === "POST") databases.push({ id: databases.length + 1 });
      const kept = databases[Number(id ?? databases.length) - 1];
      if (kept === undefined) return { status: 404 };
      return { body: Object.assign(kept, body) };
    }
    return { status: 404, body: "Not found" };
  }
}
