import * as z from "zod/mini";
import type { Route } from "./routes/route.ts";
import { ErrorDocument } from "./schemas.ts";

/** The routes as an OpenAPI 3.1 document, made of the schemas they are read with. */
export function openApi(routes: readonly Route[]): Record<string, unknown> {
  return {
    openapi: "3.1.0",
    info: { title: "Integraviz", version: "1", description: "Training events in, series and SQL out." },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      schemas: { ErrorDocument: jsonSchema(ErrorDocument, "output") },
    },
    paths: Object.fromEntries(
      [...new Set(routes.map(({ path }) => path))].map((path) => [
        path.replace(/:(\w+)/g, "{$1}"),
        Object.fromEntries(
          routes.filter((route) => route.path === path).map((route) => [route.method, operation(route)]),
        ),
      ]),
    ),
  };
}

function operation(route: Route): Record<string, unknown> {
  const { summary, scope, body, answer, status = 200 } = route;
  const { accepts = ["application/json"], gives = "application/json" } = route;
  return {
    summary,
    ...(scope === "none" ? {} : { security: [{ token: [] }], "x-scope": scope }),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: Object.fromEntries(accepts.map((type) => [type, { schema: jsonSchema(body, "input") }])),
          },
        }),
    responses: {
      [status]: {
        description: "Done",
        ...(answer === undefined ? {} : { content: { [gives]: { schema: jsonSchema(answer, "output") } } }),
      },
      default: {
        description: "Refused",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/ErrorDocument" } } },
      },
    },
  };
}

function pathParameters({ path }: Route) {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters({ query, scope }: Route) {
  const { properties = {}, required = [] } =
    query === undefined ? {} : (jsonSchema(query, "output") as { properties?: object; required?: string[] });
  const own = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name) && !("default" in schema) && schema.type !== "array",
    schema,
  }));
  const project = { name: "project", in: "query", required: false, schema: { type: "string" } };
  return scope === "none" || scope === "any" ? own : [project, ...own];
}

function jsonSchema(schema: z.ZodMiniType, io: "input" | "output"): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return json;
}
