import ts from "typescript";
import { parseSource, productFiles, type Violation } from "./sources.ts";

const COLUMNS = 100;

/** Finds comments whose lines run past 100 columns. A line that is one unbroken address may. */
export function longComments(): Violation[] {
  return productFiles().flatMap((file) => {
    const { text } = parseSource(file);
    const lines = text.split("\n");
    return commentLines(text)
      .filter((line) => (lines[line] ?? "").length > COLUMNS && !/https?:\/\/\S{60,}/.test(lines[line] ?? ""))
      .map((line) => ({
        file,
        line: line + 1,
        message: `a comment of ${lines[line]?.length} columns: break it at ${COLUMNS}`,
      }));
  });
}

/** Lists the numbers of the lines, from 0, on which a comment stands. */
function commentLines(text: string): number[] {
  const scanner = ts.createScanner(ts.ScriptTarget.ESNext, false, ts.LanguageVariant.Standard, text);
  const starts = lineStarts(text);
  const lines = new Set<number>();
  for (const { from, to } of commentSpans(scanner))
    for (let line = lineAt(starts, from); line <= lineAt(starts, to - 1); line++) lines.add(line);
  return [...lines];
}

function* commentSpans(scanner: ts.Scanner): Generator<{ from: number; to: number }> {
  // Inside a template the scanner has to be told that a brace ends a substitution.
  const templates: number[] = [];
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (token === ts.SyntaxKind.SlashToken || token === ts.SyntaxKind.SlashEqualsToken) scanner.reScanSlashToken();
    if (token === ts.SyntaxKind.TemplateHead) templates.push(0);
    if (token === ts.SyntaxKind.OpenBraceToken && templates.length > 0) templates.push((templates.pop() ?? 0) + 1);
    if (token === ts.SyntaxKind.CloseBraceToken && templates.length > 0) {
      const depth = templates.pop() ?? 0;
      if (depth > 0) templates.push(depth - 1);
      else if (scanner.reScanTemplateToken(false) === ts.SyntaxKind.TemplateMiddle) templates.push(0);
    }
    if (token === ts.SyntaxKind.SingleLineCommentTrivia || token === ts.SyntaxKind.MultiLineCommentTrivia)
      yield { from: scanner.getTokenStart(), to: scanner.getTokenEnd() };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(starts: number[], position: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
