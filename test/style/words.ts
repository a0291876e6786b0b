import ts from "typescript";
import { lineOf, parseSource, productFiles, type Violation } from "./sources.ts";

/** Words that had several meanings, and the field's own for each (docs/glossary.md). */
const RETIRED: { word: RegExp; except?: RegExp; instead: string }[] = [
  {
    word: /place/i,
    except: /placeholder|replace/i,
    instead: "position, cursor, coordinates, address or host",
  },
  { word: /persist/i, instead: "retry" },
];

/** Finds identifiers that carry a retired word. */
export function retiredWords(): Violation[] {
  return productFiles().flatMap((file) => {
    const source = parseSource(file);
    const found: Violation[] = [];
    const visit = (node: ts.Node) => {
      if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
        for (const { word, except, instead } of RETIRED)
          if (word.test(node.text) && !(except?.test(node.text) ?? false))
            found.push({ file, line: lineOf(source, node.getStart()), message: `${node.text}: say ${instead}` });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}
