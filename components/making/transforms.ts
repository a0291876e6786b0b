import type { ApiGatewayClasses } from "../api/api-gateway.ts";
import type { CloudRunClasses } from "../api/cloud-run.ts";
import type { DockerApiClasses } from "../api/docker.ts";
import type { CloudFunctionsClasses } from "../rpc/cloud-functions.ts";
import type { DockerRpcClasses } from "../rpc/docker.ts";
import type { LambdaClasses } from "../rpc/lambda.ts";
import type { BigQueryClasses } from "../storage/bigquery.ts";
import type { PostgresClasses, PostgresOnDockerClasses, PostgresOnGcpClasses } from "../storage/postgres.ts";
import type { SnowflakeClasses } from "../storage/snowflake.ts";
import type { OnAwsClasses, OnDockerClasses, OnGcpClasses } from "../visualizer/hosted.ts";
import type { Transform } from "./children.ts";

/**
 * Changes to single resources, by component, kind and child key. Those of kinds that are not chosen
 * do nothing.
 */
export interface Transforms {
  api?: {
    "api-gateway"?: Transform<ApiGatewayClasses>;
    "cloud-run"?: Transform<CloudRunClasses>;
    docker?: Transform<DockerApiClasses>;
  };
  rpc?: {
    lambda?: Transform<LambdaClasses>;
    "cloud-functions"?: Transform<CloudFunctionsClasses>;
    docker?: Transform<DockerRpcClasses>;
  };
  storage?: {
    snowflake?: Transform<SnowflakeClasses>;
    bigquery?: Transform<BigQueryClasses>;
    /** By its host: the one that applies is the one whose children these are. */
    postgres?: Transform<PostgresClasses> | Transform<PostgresOnGcpClasses> | Transform<PostgresOnDockerClasses>;
  };
  visualizer?: {
    superset?: OnAnyHost;
    metabase?: OnAnyHost;
  };
}

type OnAnyHost = Transform<OnAwsClasses> | Transform<OnGcpClasses> | Transform<OnDockerClasses>;
