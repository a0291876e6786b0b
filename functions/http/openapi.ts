import * as z from "zod/mini";
import { REFUSALS, type RefusalCode, toTitle } from "../../contract/refusals.ts";
import { KINDS } from "../event/kinds.ts";
import { refusalCodes } from "./routes/refusal-codes.ts";
import type { Route } from "./routes/route.ts";
import { ErrorDocument, EventKind } from "./schemas.ts";

type Json = Record<string, unknown>;

/**
 * Returns the routes as an OpenAPI 3.1 document, made of the schemas they are read with and the
 * codes they refuse with.
 */
export function openApi(routes: readonly Route[]): Json {
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
          routes.filter((route) => route.path === path).map((route) => [route.method, toOperation(route)]),
        ),
      ]),
    ),
  };
}

function toOperation(route: Route): Json {
  const { operation, summary, scope, body, answer, status = 200 } = route;
  const { accepts = ["application/json"], gives = "application/json" } = route;
  return {
    operationId: operation,
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
      ...refusedResponses(refusalCodes(route)),
    },
  };
}

/** One response a status, with the codes that it can have. */
function refusedResponses(codes: readonly RefusalCode[]): Json {
  const byStatus = new Map<number, RefusalCode[]>();
  for (const code of codes) {
    const { status } = REFUSALS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, some]) => [status, toResponse(some)]));
}

function toResponse(codes: readonly RefusalCode[]): Json {
  const schema = {
    allOf: [{ $ref: "#/components/schemas/ErrorDocument" }],
    properties: { code: { type: "string", enum: codes } },
  };
  return {
    description: codes.map((code) => `${toTitle(code)} (\`${code}\`): ${REFUSALS[code].text}`).join("\n\n"),
    content: { "application/problem+json": { schema } },
  };
}

const PATH_PARAMETERS: Record<string, string> = {
  run: "The id of the run, percent-encoded.",
};

function pathParameters({ path }: Route): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: PATH_PARAMETERS[name],
    schema: { type: "string" },
  }));
}

const PROJECT = {
  name: "project",
  in: "query",
  required: false,
  description: "The project; the token's only one unless given, `default` for a token of several.",
  schema: { type: "string" },
};

function queryParameters({ query, scope }: Route): Json[] {
  const { properties = {}, required = [] } =
    query === undefined
      ? {}
      : (jsonSchema(query, "output") as { properties?: Record<string, Json>; required?: string[] });
  const own = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name) && !("default" in schema) && schema.type !== "array",
    description,
    schema,
  }));
  return scope === "none" || scope === "any" ? own : [PROJECT, ...own];
}

function jsonSchema(schema: z.ZodMiniType, io: "input" | "output"): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      if ((zodSchema as unknown) === EventKind) nameKinds(jsonSchema as Json);
    },
  });
  return json;
}

/** The vocabulary, each kind with what it says; any other name is taken too. */
function nameKinds(schema: Json): void {
  const any = { ...schema, description: "Any other name is kept, and means nothing here." };
  for (const key of Object.keys(schema)) delete schema[key];
  const named = Object.entries(KINDS).map(([kind, { says, fields = {} }]) => {
    const told = Object.entries(fields).map(([field, text]) => (text === "" ? field : `${field} (${text})`));
    return { const: kind, description: told.length === 0 ? says : `${says} In its logs: ${told.join("; ")}.` };
  });
  schema.anyOf = [...named, any];
}
