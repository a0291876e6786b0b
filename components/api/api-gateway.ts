import { type ComponentResourceOptions, interpolate, jsonStringify, type Output, secret } from "@pulumi/pulumi";
import { z } from "zod";
import { CORS } from "../../contract/cors.ts";
import { FORWARDED, GATEWAY_KEY } from "../../contract/headers.ts";
import { corsOrigins, logDays } from "../checking/settings.ts";
import type { AwsHost } from "../host/aws/aws.ts";
import type { CreateArgs } from "../implementation.ts";
import type { InvokeAuth } from "../link.ts";
import { Children } from "../making/children.ts";
import { type Aws, sdk } from "../making/sdk.ts";
import { Api, type ApiArgs, type ApiImplementation } from "./api.ts";
import { routes } from "./routes.ts";

const schema = z.strictObject({
  corsOrigins: corsOrigins(),
  rate: z.int().min(1).default(500).meta({ description: "Requests that are let through, on average.", unit: "1/s" }),
  burst: z.int().min(1).default(1000).meta({ description: "Requests that are let through at once." }),
  logDays,
});
type Settings = z.output<typeof schema>;

export interface ApiGatewayClasses {
  http: typeof Aws.apigatewayv2.Api;
  integration: typeof Aws.apigatewayv2.Integration;
  route: typeof Aws.apigatewayv2.Route;
  accessLogs: typeof Aws.cloudwatch.LogGroup;
  stage: typeof Aws.apigatewayv2.Stage;
  errors: typeof Aws.cloudwatch.MetricAlarm;
}

/**
 * How a request is changed on its way with the invoke auth "shared-key". The type is renamed as our
 * gateway renames it (contract/headers.ts), because the Functions Framework would parse the body by
 * it. Content-Encoding is API Gateway's own and cannot be renamed: the framework inflates the body,
 * and the adapter knows.
 */
export const sharedKeyParameters = {
  "overwrite:path": "$request.path",
  [`overwrite:header.${FORWARDED["content-type"]}`]: "$request.header.content-type",
  "overwrite:header.content-type": "application/octet-stream",
};

/** Seconds an HTTP API waits for an answer. */
const SECONDS = 30;

/** An HTTP API of Amazon API Gateway. */
class ApiGateway extends Api {
  readonly url: Output<string>;
  readonly nodes;
  readonly #children: Children<ApiGatewayClasses>;
  readonly #host: AwsHost;
  readonly #settings: Settings;

  constructor(name: string, args: ApiArgs & CreateArgs<Settings, ApiGatewayClasses>, opts: ComponentResourceOptions) {
    super(name, opts);
    this.#host = args.context.hosts.aws();
    this.#settings = args.settings;
    this.#children = new Children<ApiGatewayClasses>(this, args.context, "api-api-gateway", args.transform);
    this.nodes = this.#children.nodes;

    const http = this.#createApi();
    const invokeAuth = args.rpc.admit(args.invokeAuth, {
      principal: { cloud: "none" },
      sourceArn: interpolate`${http.executionArn}/*/*`,
    });
    const made = this.#createRoutes(http, this.#createIntegration(http, invokeAuth));
    const stage = this.#createStage(http, made);
    this.#createAlarm(http);
    // The stage's name and not the API's: a url whose stage stands.
    this.url = stage.invokeUrl.apply((url) => url.replace(/\/+$/, ""));
    this.registerOutputs({ url: this.url });
  }

  #createApi(): Aws.apigatewayv2.Api {
    const { corsOrigins } = this.#settings;
    return this.#children.make("http", sdk.aws().apigatewayv2.Api, {
      protocolType: "HTTP",
      ...(corsOrigins.length > 0
        ? {
            corsConfiguration: { allowOrigins: corsOrigins, ...CORS },
          }
        : {}),
    });
  }

  #createIntegration(http: Aws.apigatewayv2.Api, invokeAuth: InvokeAuth): Aws.apigatewayv2.Integration {
    const { Integration } = sdk.aws().apigatewayv2;
    const shared = { apiId: http.id, timeoutMilliseconds: SECONDS * 1000 };
    if (invokeAuth.auth === "lambda") {
      return this.#children.make(
        "integration",
        Integration,
        { ...shared, integrationType: "AWS_PROXY", integrationUri: invokeAuth.invokeArn, payloadFormatVersion: "2.0" },
        { each: invokeAuth.auth, dependsOn: invokeAuth.ready },
      );
    }
    if (invokeAuth.auth === "shared-key") {
      return this.#children.make(
        "integration",
        Integration,
        {
          ...shared,
          integrationType: "HTTP_PROXY",
          integrationMethod: "ANY",
          integrationUri: invokeAuth.url,
          payloadFormatVersion: "1.0",
          requestParameters: { ...sharedKeyParameters, [`overwrite:header.${GATEWAY_KEY}`]: secret(invokeAuth.key) },
        },
        { each: invokeAuth.auth, dependsOn: invokeAuth.ready },
      );
    }
    throw new Error(`api-gateway has no invoke auth "${invokeAuth.auth}"`);
  }

  #createRoutes(http: Aws.apigatewayv2.Api, integration: Aws.apigatewayv2.Integration): Aws.apigatewayv2.Route[] {
    return Object.entries(routes).map(([each, routeKey]) =>
      this.#children.make(
        "route",
        sdk.aws().apigatewayv2.Route,
        { apiId: http.id, routeKey, target: interpolate`integrations/${integration.id}` },
        { each },
      ),
    );
  }

  #createStage(http: Aws.apigatewayv2.Api, made: Aws.apigatewayv2.Route[]): Aws.apigatewayv2.Stage {
    const aws = sdk.aws();
    const { rate, burst, logDays } = this.#settings;
    const logs = this.#children.make("accessLogs", aws.cloudwatch.LogGroup, {
      name: `/integraviz/${this.#children.scope.prefix}/api`,
      retentionInDays: logDays,
    });
    const throttle = { throttlingRateLimit: rate, throttlingBurstLimit: burst, detailedMetricsEnabled: true };
    return this.#children.make(
      "stage",
      aws.apigatewayv2.Stage,
      {
        apiId: http.id,
        name: "$default",
        autoDeploy: true,
        defaultRouteSettings: throttle,
        accessLogSettings: {
          destinationArn: logs.arn,
          // No query string and no header: the paper's client may carry its token there.
          format: jsonStringify({
            at: "$context.requestTime",
            id: "$context.requestId",
            ip: "$context.identity.sourceIp",
            route: "$context.routeKey",
            status: "$context.status",
            bytes: "$context.responseLength",
            ms: "$context.responseLatency",
            error: "$context.integrationErrorMessage",
          }),
        },
      },
      { dependsOn: made },
    );
  }

  #createAlarm(http: Aws.apigatewayv2.Api): void {
    this.#host.alarm(this.#children, "errors", {
      description: "The API answers with errors (5xx)",
      namespace: "AWS/ApiGateway",
      metric: "5xx",
      dimensions: { ApiId: http.id },
      statistic: "Sum",
      above: 0,
      minutes: 5,
    });
  }
}

export const apiGateway = {
  schema,
  capabilities: {
    self: {
      providers: ["aws"],
      speaks: ["lambda", "shared-key"],
      reaches: ["internet"],
      limits: { bodyBytes: 10_000_000, seconds: SECONDS, stream: "poll" },
    },
  },
  host: () => "self",
  create: (name, args: ApiArgs & CreateArgs<Settings, ApiGatewayClasses>, opts): Api =>
    new ApiGateway(name, args, opts),
} satisfies ApiImplementation;
