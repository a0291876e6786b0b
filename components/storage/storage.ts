import { ComponentResource, type ComponentResourceOptions, type Output, output, secret } from "@pulumi/pulumi";
import { type StoreKind, splitLogin } from "../../contract/login.ts";
import type { StorageCapabilities } from "../checking/capabilities.ts";
import type { Problem } from "../checking/problem.ts";
import type { HostKind } from "../host/host.ts";
import type { HostSettings } from "../host/hosts.ts";
import type { AnyImplementation } from "../implementation.ts";
import type { Login, Principal, SqlLink, SqlRole, StorageLinks } from "../link.ts";

/**
 * Where the events are kept: SQL that the team owns. One type token for all implementations, so
 * that a swap replaces only its children.
 */
export abstract class Storage extends ComponentResource implements StorageLinks {
  static readonly type = "integraviz:storage:Storage";
  /** Which store of functions/stores/ speaks to it. */
  abstract readonly store: StoreKind;
  abstract link<R extends SqlRole>(role: R, to: Principal, consumer: string): SqlLink<R>;
  /** A reader's login, without its secrets. */
  protected abstract readerLogin(): Login;
  /** How whoever deployed it appends to the log and reads it whole, to copy it. */
  protected abstract copierLogin(): Login;

  constructor(name: string, opts: ComponentResourceOptions) {
    super(Storage.type, name, {}, opts);
  }

  /** How a person connects: everything but the password or key. */
  get sql(): Output<unknown> {
    return output(splitLogin<unknown>(this.readerLogin()).plain);
  }

  /** A writer's login, with its password or key. Secret. */
  get login(): Output<unknown> {
    return secret(this.copierLogin());
  }
}

/** Python packages that SQLAlchemy needs, and the module that tells whether they are there. */
export interface SqlAlchemyDriver {
  module: string;
  packages: readonly string[];
}

/** PostgreSQL's, which Superset needs for its own metadata as well. */
export const PSYCOPG2: SqlAlchemyDriver = { module: "psycopg2", packages: ["psycopg2-binary==2.9.10"] };

/** What every storage is given. */
export interface StorageArgs {
  /** The host of the RPC: where the migrations of a store run that lives on no host. */
  near: HostKind;
}

/** All that is known of one kind of storage. */
export type StorageImplementation = AnyImplementation<StorageCapabilities, StorageArgs, Storage> & {
  /** Which store of functions/stores/ speaks to it. */
  store: StoreKind;
  /** What Superset reads it by. */
  sqlAlchemy: SqlAlchemyDriver;
  /** Fills in, before the settings are read, what the provider's own configuration says. */
  complete?(given: object): object;
  /** What is wrong with settings that are in themselves right. `part`: where they stand. */
  problems?(settings: unknown, part: "storage" | "archive", hosts: HostSettings): Problem[];
};
