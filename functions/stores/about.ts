import type { LoginTo, StoreKind } from "../../contract/login.ts";
import type { DriverLogin } from "../adapters/environment.ts";
import type { Store } from "./store.ts";

/**
 * All that is known of one kind of store before it is opened. Its driver is loaded when it opens
 * one. Adding a kind is a folder whose `about.ts` exports this, beside `deployed.ts` and
 * `migration.ts`, and a line in `index.ts`.
 */
export interface AboutStore<K extends StoreKind = StoreKind> {
  /** What people call it. */
  title: string;
  address: Address;
  /** What bundles leave out of its driver. */
  externals: readonly External[];
  visualizers: Visualizers<K>;
  dashboards: DashboardSql;
  /** The schema or dataset in which a reader finds the views. */
  views(reader: LoginTo<K>): string;
  /** null where the database itself keeps no project apart from another. */
  access: AccessCompiler | null;
  /** Opens one with a login that may append and read. */
  open(login: DriverLogin): Promise<Store>;
}

/** How a command line names a store. */
export interface Address {
  /** Those of its URLs, without a colon; the first is the one to show. */
  schemes: readonly string[];
  /** For --help: a whole URL, and in lines of their own what has to be known of it. */
  help: readonly string[];
  openUrl(url: AddressReader): Promise<Store>;
}

/** Reads the parts of a URL. Each refuses what is missing with the URL's name and the fix. */
export interface AddressReader {
  url: URL;
  user(): string;
  /** The parts of the path, by name. */
  path(...names: string[]): Record<string, string>;
  /**
   * @param known the parameters there are, with what stands for one that is left out; null where
   * none may be
   * @param optional those that may be absent
   */
  parameters(known: Record<string, string | null>, optional?: readonly string[]): Record<string, string>;
  /** The text of the file that a variable of the environment names. */
  file(variable: string, what: string): string;
}

/**
 * What a driver brings for a way in or out that is not ours. In a bundle an empty module stands in
 * the place of each, so that it is neither sent nor loaded: who came to need one would get "is not
 * a constructor" and remove its line.
 */
export interface External {
  /** The package that asks. */
  by: string;
  /** As it asks for them. */
  modules: readonly string[];
  /** What they are given in its place; an empty object by default. */
  instead?: object;
}

/** How each visualizer is told to read the store: a reader's login, in its words. */
export interface Visualizers<K extends StoreKind> {
  superset(reader: LoginTo<K>): SupersetDatabase;
  /** What a person fills in who uploads dashboards by hand. */
  supersetBlank: { uri: string; schema: string };
  /** What in a login is secret, in Superset's words: it imports a connection without them. */
  supersetSecrets(reader: LoginTo<K>): SupersetSecrets;
  /** The login with a text in place of each secret. */
  masked(reader: LoginTo<K>, mask: string): LoginTo<K>;
  metabase(reader: LoginTo<K>): MetabaseDatabase;
}

/** What dashboards need of a database's SQL that is not the same in every other. */
export interface DashboardSql {
  /** Whether each query costs money: whoever looks again does so seldom. */
  costs: boolean;
  /** Names of column types, by kind. */
  types: Readonly<Record<"text" | "integer" | "number" | "time" | "flag", string>>;
  /** A semi-structured column as JSON text. */
  jsonText(column: string): string;
  /** A text in an object of a semi-structured column. */
  textIn(column: string, object: string, field: string): string;
  /** What stands in a column of the newest of the runs chosen. */
  newest(column: string): string;
  /** A name as it is written, in quotes. */
  quotedName(name: string): string;
  quotedText(text: string): string;
}

/**
 * The fields of Superset's POST and PUT /api/v1/database/ that say how it reads a store; see
 * superset/db_engine_specs of 6.1 for the keys of each.
 */
export interface SupersetDatabase {
  sqlalchemy_uri: string;
  /** JSON: what may not stand in the URI. "{}" takes back what the storage before left there. */
  masked_encrypted_extra: string;
}

/** Secrets of a connection; its fields of masked_encrypted_extra as JSON paths. */
export interface SupersetSecrets {
  password?: string;
  extra?: Readonly<Record<string, string>>;
}

/** `engine` and `details` of Metabase's POST and PUT /api/database. */
export interface MetabaseDatabase {
  engine: string;
  details: Record<string, unknown>;
}

/** Makes of the policy of `stacks/access.yaml` what the database itself keeps. */
export interface AccessCompiler {
  /** Who runs the SQL, for --help. */
  runBy?: string;
  /** What the member of a group is called there. */
  member: { pattern: RegExp; problem: string };
  /** Names that the storage component made and its statements need: options of `access`. */
  names: Readonly<Record<string, NameOption>>;
  /** The tables with a column project, where none is named. */
  tables: readonly string[];
  statements(groups: AccessGroups, names: AccessNames): string[];
}

/** An option of the command `access`. */
export interface NameOption {
  /** What stands for its value, such as `dataset`. */
  value: string;
  help?: string;
  default?: string;
}

/** The groups of a policy, each with its members on one database. */
export type AccessGroups = Readonly<
  Record<string, { projects: "*" | readonly string[]; access: "read" | "control"; members: readonly string[] }>
>;

/** The names that were given, with the tables and whoever sees everything. */
export interface AccessNames {
  names: Readonly<Record<string, string>>;
  /** Roles or principals that see everything: the owner's, the writer's and the dashboards'. */
  trusted: readonly string[];
  /** Tables with a column project. */
  tables: readonly string[];
}
