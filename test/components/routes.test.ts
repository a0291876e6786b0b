import { expect, test } from "vitest";
import { routes } from "../../components/api/routes.ts";
import { routes as served } from "../../functions/http/routes/routes.ts";

test("API Gateway has a route for each that the handler serves, and for nothing else", () => {
  const { rest, ...named } = routes;
  expect(rest).toBe("$default");
  const asServed = served.map(({ method, path }) => `${method.toUpperCase()} ${path.replace(/:run/g, "{run}")}`);
  expect(Object.values(named).toSorted()).toEqual(asServed.toSorted());
});
