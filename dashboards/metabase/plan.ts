/** What brings a Metabase from what stands there to what should: a list of requests, in order. */
import type { Json, JsonObject } from "../json.ts";
import type { Compiled } from "./compile.ts";
import { type Asset, resolved } from "./reference.ts";
import type { Standing, State } from "./state.ts";

export interface Operation {
  asset: string;
  is: "missing" | "changed" | "no longer wanted";
  method: "POST" | "PUT";
  /** `:id` stands for the number of `of`. */
  path: string;
  of?: string;
  /** With references to what is made before it. */
  body?: JsonObject;
  /** What the answer's number is called from here on. */
  makes?: string;
}

/** What is ours and in the dashboards no longer. */
export interface Orphan {
  path: string;
  kind: "dashboard" | "card";
  id: number;
}

/** How Metabase writes a secret that it does not show. */
const MASK = "**MetabasePass**";

/** The same dashboards and state give the same plan; where all is as it should be, an empty one. */
export function plan(compiled: Compiled, state: State, orphans: readonly Orphan[]): Operation[] {
  const numbers = numbersOf(state);
  const isSettled = (asset: Asset, standing: Standing) => isSame(resolved(asset.body, numbers), standing.content);
  const cards = compiled.cards.flatMap((asset): Operation[] => {
    const standing = standingOf(state.cards, asset);
    if (standing === undefined)
      return [{ ...missing(asset), method: "POST", path: "/api/card", body: asset.body, makes: asset.path }];
    return isSettled(asset, standing)
      ? []
      : [{ ...changed(asset), method: "PUT", path: "/api/card/:id", of: asset.path, body: asset.body }];
  });
  const dashboards = compiled.dashboards.flatMap((asset) => {
    const standing = standingOf(state.dashboards, asset);
    const settled = standing && { ...standing, content: { ...standing.content, dashcards: inReadingOrder(standing) } };
    return settled && isSettled(asset, settled) ? [] : dashboard(asset, standing, numbers);
  });
  return [
    ...site(compiled, state),
    ...database(compiled.database, state.database),
    ...collection(compiled.collection, state.collection),
    ...cards,
    ...dashboards,
    ...orphans.map(({ path, kind, id }): Operation => {
      const unwanted = { asset: path, is: "no longer wanted", method: "PUT" } as const;
      return { ...unwanted, path: `/api/${kind}/${id}`, body: { archived: true } };
    }),
  ];
}

/** Numbers of what stands, by what it is called in references. */
export function numbersOf({ database, collection, cards, dashboards }: State): Map<string, number> {
  // The first of two that are marked alike is ours.
  const named = [
    ...dashboards.map(({ key, id }) => [`dashboards/${key}`, id] as const),
    ...cards.map(({ key, id }) => [`cards/${key}`, id] as const),
  ].toReversed();
  const own = { database: database?.id, collection: collection?.id };
  const known = Object.entries(own).filter((one): one is [string, number] => one[1] !== undefined);
  return new Map([...named, ...known]);
}

const standingOf = (standing: readonly Standing[], { key }: Asset) => standing.find((one) => one.key === key);
const missing = ({ path }: Asset) => ({ asset: path, is: "missing" }) as const;
const changed = ({ path }: Asset) => ({ asset: path, is: "changed" }) as const;

function site({ site: wanted }: Compiled, { site: is }: State): Operation[] {
  // Left alone, Metabase takes the address of the first request it met, which was ours from inside.
  if (wanted === undefined || wanted === is) return [];
  const path = "/api/setting/site-url";
  return [{ asset: "settings/site-url", is: "changed", method: "PUT", path, body: { value: wanted } }];
}

/** Metabase tries it first. What it is made with has no description. */
function database(asset: Asset, standing: Standing | undefined): Operation[] {
  const { description = "", settings = {}, ...login } = asset.body;
  const one = { of: "database", path: "/api/database/:id", method: "PUT" } as const;
  if (standing === undefined) {
    const made = { method: "POST", path: "/api/database", body: login, makes: "database" } as const;
    return [
      { ...missing(asset), ...made },
      { ...missing(asset), ...one, body: { description, settings } },
    ];
  }
  if (isSame(comparable({ ...login, description, settings }, standing.content), standing.content)) return [];
  return [
    { ...changed(asset), ...one, body: asset.body },
    { ...changed(asset), ...one, method: "POST", path: "/api/database/:id/sync_schema" },
  ];
}

/** Without what Metabase does not give back. */
function comparable(wanted: JsonObject, found: JsonObject): JsonObject {
  const details = Object.entries(wanted.details as JsonObject).filter(([key]) => {
    const shown = (found.details as JsonObject | undefined)?.[key];
    return shown !== undefined && shown !== MASK;
  });
  const kept = Object.entries(wanted).filter(([key]) => key !== "details" && found[key] !== undefined);
  return Object.fromEntries(details.length === 0 ? kept : [...kept, ["details", Object.fromEntries(details)]]);
}

function collection(asset: Asset, standing: Standing | undefined): Operation[] {
  if (standing === undefined) {
    const made = { method: "POST", path: "/api/collection", makes: "collection" } as const;
    return [{ ...missing(asset), ...made, body: asset.body }];
  }
  if (isSame(asset.body, standing.content)) return [];
  return [{ ...changed(asset), method: "PUT", path: "/api/collection/:id", of: "collection", body: asset.body }];
}

/** Only a change takes `dashcards`, and then all of them: whichever is left out goes. */
function dashboard(asset: Asset, standing: Standing | undefined, numbers: ReadonlyMap<string, number>): Operation[] {
  const is = standing === undefined ? missing(asset) : changed(asset);
  const { name, description, collection_id } = asset.body as { [key: string]: Json };
  const made = {
    ...is,
    method: "POST",
    path: "/api/dashboard",
    body: { name, description, collection_id } as JsonObject,
    makes: asset.path,
  } as const;
  const body = { ...asset.body, dashcards: numbered(asset.body.dashcards as JsonObject[], standing, numbers) };
  const change = { ...is, method: "PUT", path: "/api/dashboard/:id", of: asset.path, body } as const;
  return standing === undefined ? [made, change] : [change];
}

/** A card that stays keeps its place's number; below zero is what Metabase is to number. */
function numbered(
  wanted: JsonObject[],
  standing: Standing | undefined,
  numbers: ReadonlyMap<string, number>,
): JsonObject[] {
  const free = standing === undefined ? [] : inReadingOrder(standing);
  return wanted.map((one, index) => {
    const card = resolved(one.card_id ?? null, numbers);
    const at = free.findIndex(({ card_id }) => (card_id ?? null) === card);
    const [kept] = at === -1 ? [] : free.splice(at, 1);
    return { id: (kept?.id as number | undefined) ?? -index - 1, ...one };
  });
}

function inReadingOrder({ content }: Standing): JsonObject[] {
  const cards = (content.dashcards ?? []) as (JsonObject & { row: number; col: number })[];
  return cards.toSorted((a, b) => a.row - b.row || a.col - b.col);
}

/** Metabase adds fields of its own everywhere, and leaves out what is nothing. */
function isSame(wanted: Json | undefined, found: Json | undefined): boolean {
  if (isNothing(wanted) || isNothing(found)) return isNothing(wanted) && isNothing(found);
  if (typeof wanted !== "object" || typeof found !== "object" || wanted === null || found === null)
    return wanted === found;
  if (Array.isArray(wanted) || Array.isArray(found)) {
    if (!Array.isArray(wanted) || !Array.isArray(found) || wanted.length !== found.length) return false;
    return wanted.every((one, at) => isSame(one, found[at]));
  }
  return Object.entries(wanted).every(([key, one]) => isSame(one, found[key]));
}

const isNothing = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);
