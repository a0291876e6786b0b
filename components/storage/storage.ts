import { ComponentResource, type ComponentResourceOptions, type Output, output, secret } from "@pulumi/pulumi";
import { type StoreKind, splitLogin } from "../../contract/login.ts";
import type { StorageCapabilities } from "../checking/capabilities.ts";
import type { HostKind } from "../host/host.ts";
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

/** What every storage is given. */
export interface StorageArgs {
  /** The host of the RPC: where the migrations of a store run that lives on no host. */
  near: HostKind;
}

/** All that is known of one kind of storage. */
export type StorageImplementation = AnyImplementation<StorageCapabilities, StorageArgs, Storage> & {
  /** Which store of functions/stores/ speaks to it. */
  store: StoreKind;
};
