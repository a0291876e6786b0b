type Json = Record<string, unknown>;

const METHODS = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);
const TYPES = new Set(["string", "number", "integer", "boolean", "object", "array", "null"]);

/** What breaks the structure that OpenAPI 3.1 gives a description; [] where nothing does. */
export function openApiProblems(document: Json): string[] {
  const problems: string[] = [];
  const need = (holds: unknown, what: string) => {
    if (!holds) problems.push(what);
  };
  need(/^3\.1\.\d+$/.test(String(document.openapi)), "openapi is not 3.1.x");
  const info = document.info as Json;
  need(typeof info?.title === "string" && typeof info.version === "string", "info lacks title or version");
  const schemes = ((document.components as Json)?.securitySchemes ?? {}) as Json;
  const ids = new Set<string>();

  for (const [path, operations] of Object.entries(document.paths as Record<string, Json>)) {
    need(path.startsWith("/"), `${path} does not begin with /`);
    const templated = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
    for (const [method, operation] of Object.entries(operations as Record<string, Json>)) {
      const at = `${method} ${path}`;
      need(METHODS.has(method), `${at}: no such method`);
      const parameters = (operation.parameters ?? []) as {
        name: string;
        in: string;
        required?: boolean;
        schema: Json;
      }[];
      const named = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      need(new Set(named).size === named.length, `${at}: a parameter twice`);
      for (const parameter of parameters) {
        need(["query", "path", "header", "cookie"].includes(parameter.in), `${at}: ${parameter.name} is in nothing`);
        need(parameter.in !== "path" || parameter.required === true, `${at}: ${parameter.name} is not required`);
        need(parameter.in !== "path" || templated.includes(parameter.name), `${at}: ${parameter.name} not in the path`);
        checkSchema(parameter.schema, `${at} ?${parameter.name}`);
      }
      for (const name of templated) need(named.includes(`path ${name}`), `${at}: {${name}} is not described`);
      for (const requirement of (operation.security ?? []) as Json[])
        for (const scheme of Object.keys(requirement)) need(scheme in schemes, `${at}: no scheme ${scheme}`);
      if (operation.requestBody !== undefined) checkContent((operation.requestBody as Json).content, `${at} body`);
      const responses = Object.entries((operation.responses ?? {}) as Record<string, Json>);
      need(responses.length > 0, `${at}: no responses`);
      for (const [status, response] of responses) {
        need(/^([1-5](\d\d|XX)|default)$/.test(status), `${at}: status ${status}`);
        need(typeof response.description === "string", `${at} ${status}: no description`);
        if (response.content !== undefined) checkContent(response.content, `${at} ${status}`);
      }
      const id = operation.operationId as string | undefined;
      need(id === undefined || !ids.has(id), `${at}: operationId ${id} twice`);
      if (id !== undefined) ids.add(id);
    }
  }
  for (const [name, schema] of Object.entries(((document.components as Json).schemas ?? {}) as Json))
    checkSchema(schema, name);
  return problems;

  function checkContent(content: unknown, at: string): void {
    const types = Object.entries((content ?? {}) as Record<string, Json>);
    need(types.length > 0, `${at}: no media type`);
    for (const [type, media] of types) {
      need(/^[a-z]+\/[a-z0-9.+-]+$/.test(type), `${at}: ${type} is no media type`);
      if (media.schema !== undefined) checkSchema(media.schema, `${at} ${type}`);
    }
  }

  function checkSchema(schema: unknown, at: string): void {
    if (typeof schema === "boolean") return;
    need(typeof schema === "object" && schema !== null && !Array.isArray(schema), `${at}: no schema`);
    const { type, $ref, properties, required, items, prefixItems, additionalProperties, propertyNames } =
      schema as Json;
    for (const one of [type ?? []].flat()) need(TYPES.has(one as string), `${at}: type ${one}`);
    if ($ref !== undefined) need(pointed(document, $ref as string) !== undefined, `${at}: ${$ref} points nowhere`);
    for (const [name, part] of Object.entries((properties ?? {}) as Json)) checkSchema(part, `${at}.${name}`);
    for (const name of (required ?? []) as string[])
      need(name in ((properties ?? {}) as Json), `${at}: ${name} is required and not described`);
    const { anyOf, oneOf, allOf } = schema as Record<string, unknown[] | undefined>;
    for (const part of [anyOf ?? [], oneOf ?? [], allOf ?? [], (prefixItems ?? []) as unknown[]].flat())
      checkSchema(part, `${at}|`);
    for (const part of [items, additionalProperties, propertyNames])
      if (part !== undefined) checkSchema(part, `${at}[]`);
  }
}

function pointed(document: Json, ref: string): unknown {
  if (!ref.startsWith("#/")) return undefined;
  return ref
    .slice(2)
    .split("/")
    .reduce<unknown>((at, key) => (at as Json | undefined)?.[key], document);
}
