import { Option } from "@commander-js/extra-typings";
import { DATA_FOLDER } from "../../embedded/data-folder.ts";
import { aboutStores } from "../../functions/stores/about-stores.ts";
import { DATA_VARIABLE } from "./options.ts";
import { someText } from "./values.ts";

/** A store, which is that of this machine where none is named. */
export const storeOption = <Flags extends string>(flags: Flags, what: string) =>
  new Option(flags, what).env(DATA_VARIABLE).default(DATA_FOLDER).argParser(someText);

const urls = Object.values(aboutStores).flatMap(({ address: { help } }) =>
  help.map((line, index) => `${index === 0 ? "  " : " ".repeat(20)}${line}`),
);

/** The ways to name a store, for --help. */
export const STORES = `
A <store> is one of
  ${DATA_FOLDER}       the data folder of a running integraviz start
  STACK             a stack that is up: its storage; STACK:archive is the one kept
                    beside it by a swap. Where it lies in a network of its own, run
                    this there or give a URL through a tunnel
${urls.join("\n")}
Each has to be migrated, and the login a writer's, who may read the log and append.`;
