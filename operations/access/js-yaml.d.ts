/** The part of it that is used here. */
declare module "js-yaml" {
  /** Throws an Error whose message names line and column. */
  export function load(text: string, options: { filename: string }): unknown;
}
