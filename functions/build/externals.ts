import type { External } from "../stores/about.ts";
import { aboutStores } from "../stores/about-stores.ts";

/** What bundles leave out of drivers, as each store says of its own. */
export const externals: readonly External[] = Object.values(aboutStores).flatMap((about) => about.externals);
