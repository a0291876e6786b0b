import { ROUTES } from "../../contract/routes.ts";

/**
 * The HTTP surface as API Gateway writes routes, by their keys. What is not here, such as an
 * unknown path, goes the same way through $default.
 */
export const routes: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(ROUTES).map(([key, { method, path }]) => [
      key,
      `${method.toUpperCase()} ${path.replace(/:(\w+)/g, "{$1}")}`,
    ]),
  ),
  rest: "$default",
};
