import type { ApiImplementation } from "./api.ts";
import { apiGateway } from "./api-gateway.ts";
import { cloudRun } from "./cloud-run.ts";
import { docker } from "./docker.ts";

export const apis = { "api-gateway": apiGateway, "cloud-run": cloudRun, docker } satisfies Record<
  string,
  ApiImplementation
>;
