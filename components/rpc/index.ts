/** Every RPC that there is: a line says its kind and the file that holds it. */
export { cloudFunctions as "cloud-functions" } from "./cloud-functions.ts";
export { docker } from "./docker.ts";
export { lambda } from "./lambda.ts";
