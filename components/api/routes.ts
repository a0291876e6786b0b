/**
 * The HTTP surface, as API Gateway writes routes. What is not here (the page's files, unknown
 * paths) goes the same way, through $default.
 */
export const routes = {
  events: "POST /v1/events",
  paper: "POST /",
  control: "GET /v1/runs/{run}/control",
  runs: "GET /v1/runs",
  run: "GET /v1/runs/{run}",
  series: "GET /v1/series",
  stream: "GET /v1/stream",
  stop: "POST /v1/runs/{run}/stop",
  sql: "POST /v1/sql",
  mlflow: "ANY /api/2.0/{mlflow+}",
  health: "GET /health",
  openapi: "GET /openapi.json",
  page: "GET /",
  rest: "$default",
} as const;
