import { openPostgresStore } from "../../../functions/stores/postgres/postgres.ts";
import { openMemoryStore } from "../stores/memory/memory-store.ts";
import { freshDatabase } from "../stores/postgres/fresh-database.ts";
import { fetchAdapter, nodeAdapter } from "./handler-suite/adapters.ts";
import {
  apiGatewayToCloudFunctions,
  gatewayToCloudFunctions,
  gatewayToNode,
} from "./handler-suite/gateway-adapters.ts";
import { lambdaAdapter, lambdaEvents } from "./handler-suite/lambda-adapters.ts";
import { handlerSuite } from "./handler-suite.ts";

const memory = { sql: false, openStore: async () => openMemoryStore() };
const postgres = { sql: true, openStore: async () => openPostgresStore(await freshDatabase()) };

handlerSuite({ name: "memory, fetch", ...memory, adapter: fetchAdapter });
handlerSuite({ name: "memory, node", ...memory, adapter: nodeAdapter });
// A load balancer keeps the last of a query's repeated keys unless it is told to give all: see
// adapters.test.ts.
for (const front of Object.keys(lambdaEvents).filter((name) => name !== "load balancer"))
  handlerSuite({
    name: `memory, Lambda behind ${front}`,
    ...memory,
    adapter: lambdaAdapter(front),
    streaming: "poll",
    decodesPaths: front === "HTTP API",
  });
handlerSuite({ name: "memory, gateway to Cloud Functions", ...memory, adapter: gatewayToCloudFunctions });
handlerSuite({
  name: "memory, API Gateway to Cloud Functions",
  ...memory,
  adapter: apiGatewayToCloudFunctions,
  streaming: "poll",
  decodesPaths: true,
  inflates: true,
});
handlerSuite({ name: "postgres, fetch", ...postgres, adapter: fetchAdapter });
handlerSuite({ name: "postgres, node", ...postgres, adapter: nodeAdapter });
handlerSuite({
  name: "postgres, Lambda behind HTTP API",
  ...postgres,
  adapter: lambdaAdapter("HTTP API"),
  streaming: "poll",
  decodesPaths: true,
});
handlerSuite({ name: "postgres, gateway to node", ...postgres, adapter: gatewayToNode });
