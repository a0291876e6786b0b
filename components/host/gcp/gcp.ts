import type { Resource } from "@pulumi/pulumi";
import type { HostChildren, JobArgs, PostgresArgs, Service, ServiceArgs, SqlServer } from "../host.ts";
import { gcpJob } from "./job.ts";
import { gcpPostgres } from "./postgres.ts";
import { GcpProject } from "./project.ts";
import { gcpService } from "./service.ts";

/** A Google Cloud project and region, and how things run there. */
export class GcpHost extends GcpProject {
  service(children: HostChildren, args: ServiceArgs): Service {
    return gcpService(this, children, args);
  }

  job(children: HostChildren, args: JobArgs): Resource {
    return gcpJob(this, children, args);
  }

  postgres(children: HostChildren, args: PostgresArgs): SqlServer {
    return gcpPostgres(this, children, args);
  }
}
