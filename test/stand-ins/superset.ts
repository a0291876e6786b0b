/** Superset 6.1 as far as the registration of a database meets it, its refusals as the real one made them. */
import { type Asked, type Said, type StandIn, standIn } from "./visualizer.ts";

export interface Product extends StandIn {
  /** What is registered, by name. */
  databases: Record<string, unknown>[];
  /** The storage can no longer be reached with these credentials. */
  refuse: (reader: string) => boolean;
  /** The address that its links are made with, as far as it was told. */
  site?: string;
}

export const ADMIN = { user: "admin", password: "Admin-PASSWORD-77" };

/** @param preset a workspace of Preset's: a bearer's token from its manager is all that it wants */
export async function superset({ preset = false } = {}): Promise<Product> {
  const databases: Record<string, unknown>[] = [];
  const server = await standIn((asked) => answer(asked));
  const product: Product = Object.assign(server, { databases, refuse: () => false });
  return product;

  function answer({ method, path, headers, body }: Asked): Said {
    if (path === "/health") return { body: "OK" };
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

    const [, id] = /^\/api\/v1\/database\/(\d+)$/.exec(path) ?? [];
    if (method === "POST" && path === "/api/v1/database/test_connection/") return tried(body);
    if (method === "GET" && path.startsWith("/api/v1/database/?q=")) {
      const [, name] = /value:'(.*)'/.exec(decodeURIComponent(path)) ?? [];
      return { body: { result: databases.filter((one) => one.database_name === name?.replaceAll("!", "")) } };
    }
    if (method === "POST" && path === "/api/v1/database/") {
      if (databases.some((one) => one.database_name === body.database_name))
        return { status: 422, body: { message: { database_name: "A database with the same name already exists." } } };
      databases.push({ id: databases.length + 1, ...body });
      return { status: 201, body: { id: databases.length, result: body } };
    }
    if (method === "PUT" && id && databases[Number(id) - 1]) {
      Object.assign(databases[Number(id) - 1] as object, body);
      return { body: { id: Number(id), result: body } };
    }
    return { status: 404, body: { message: "Not found" } };
  }

  function tried(body: Record<string, string>): Said {
    const reader = `${body.sqlalchemy_uri} ${body.masked_encrypted_extra}`;
    return product.refuse(reader)
      ? { status: 400, body: { errors: [{ message: `cannot connect: ${reader}` }] } }
      : { body: { message: "OK" } };
  }
}
