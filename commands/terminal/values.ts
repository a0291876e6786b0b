/**
 * Readers of option values. What they refuse becomes one line that names the option and the fix.
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";

/** Reads a whole number from `low` to `high`. */
export const wholeNumber =
  (low: number, high: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
  };

/** Reads a number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Give a number above 0, such as 0.001.");
}

/** Reads `90d` as 90. */
export function days(text: string): number {
  const count = /^([1-9]\d{0,4})d$/.exec(text)?.[1];
  if (count !== undefined) return Number(count);
  throw new InvalidArgumentError("Give a whole number of days, such as 90d.");
}

/** Reads text that is not empty. */
export function someText(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("It is empty: give it a value or leave it out.");
}

/** Reads texts that are not empty, of an option that may stand several times. */
export const someTexts = (text: string, before: string[] | undefined): string[] => [...(before ?? []), someText(text)];

/** Reads the id of a token of this machine; nobody holds one with another text. */
export function tokenId(text: string): string {
  if (/^(embedded-[a-z]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(text)) return text;
  throw new InvalidArgumentError("Give a token's id as it was printed with it, such as 2c5e1f6a-....");
}

/**
 * Reads names of hosts, of an option that may stand several times: without scheme, port and path,
 * as they stand in the Host header.
 */
export function hostName(value: string, names: string[]): string[] {
  const isName = URL.canParse(`http://${value}/`) && new URL(`http://${value}/`).hostname === value.toLowerCase();
  if (!isName) throw new InvalidArgumentError("Give a name such as gpu-box.lan, without a port.");
  return [...names, value.toLowerCase()];
}

/** What CSP takes for an origin: a scheme, a host with perhaps `*.` before it, perhaps a port. */
const ORIGIN = /^https?:\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:(\d{1,5}|\*))?$/;
/** VS Code's own schemes, whose hosts are made up for each view. */
const EDITOR_SCHEME = /^vscode-[a-z]+:$/;

/** Reads origins that may show charts in a frame, of an option that may stand several times. */
export function frameOrigin(value: string, origins: string[]): string[] {
  const origin = value.toLowerCase().replace(/\/$/, "");
  if (ORIGIN.test(origin) || EDITOR_SCHEME.test(origin)) return [...origins, origin];
  throw new InvalidArgumentError(
    "Give an origin such as https://hub.example.org, https://*.example.org or vscode-webview:, without a path.",
  );
}
