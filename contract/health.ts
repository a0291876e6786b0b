/** Whether the process lives and its store answers. */
export const HEALTH = "/health";

/** The same under the usual path, which Google answers itself on Cloud Run, with 404. */
export const HEALTHZ = "/healthz";

/** Where the gateway answers for itself alone. */
export const GATEWAY_HEALTH = "/health/gateway";
