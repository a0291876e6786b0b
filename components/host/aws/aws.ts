import type { Resource } from "@pulumi/pulumi";
import type { Children } from "../../making/children.ts";
import type { HostChildren, JobArgs, PostgresArgs, Service, ServiceArgs, SqlServer } from "../host.ts";
import { AwsAccount } from "./account.ts";
import { awsJob } from "./job.ts";
import { awsPostgres } from "./postgres.ts";
import { awsService, type ServiceClasses } from "./service.ts";

/** An AWS account and region, and how things run there. */
export class AwsHost extends AwsAccount {
  service(children: Children<ServiceClasses>, args: ServiceArgs): Service {
    return awsService(this, children, args);
  }

  job(children: HostChildren, args: JobArgs): Resource {
    return awsJob(this, children, args);
  }

  postgres(children: HostChildren, args: PostgresArgs): SqlServer {
    return awsPostgres(this, children, args);
  }
}
