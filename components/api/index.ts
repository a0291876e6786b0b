/** Every API that there is: a line says its kind and the file that holds it. */
export { apiGateway as "api-gateway" } from "./api-gateway.ts";
export { cloudRun as "cloud-run" } from "./cloud-run.ts";
export { docker } from "./docker.ts";
