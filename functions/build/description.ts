import { brotliCompressSync } from "node:zlib";
import type { Plugin } from "esbuild";
import { openApi } from "../http/openapi.ts";
import { routes } from "../http/routes/routes.ts";

/**
 * Puts the OpenAPI description, made here and packed, in the place of the module that makes it:
 * what makes JSON Schema of schemas takes three times the room.
 */
export const descriptionAsText: Plugin = {
  name: "description-as-text",
  setup({ onLoad }) {
    onLoad({ filter: /\/functions\/http\/openapi\.ts$/ }, () => ({ contents: packedModule(), loader: "js" }));
  },
};

function packedModule(): string {
  const packed = brotliCompressSync(JSON.stringify(openApi(routes))).toString("base64");
  return `import { brotliDecompressSync } from "node:zlib";
    export const openApi = () => JSON.parse(brotliDecompressSync(Buffer.from("${packed}", "base64")));`;
}
