import { join } from "node:path";
import ts from "typescript";
import { ROOT, type Violation } from "./sources.ts";

/** The entries of the package, as `exports` of package.json names them. */
const ENTRIES = ["components/index.ts", "components/extend.ts", "trainer/client/index.ts"];

/** Finds what the package exports without a doc comment. */
export function undocumentedExports(): Violation[] {
  const files = ENTRIES.map((entry) => join(ROOT, entry)).filter((path) => ts.sys.fileExists(path));
  const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  return files.flatMap((path) => {
    const source = program.getSourceFile(path);
    const module = source && checker.getSymbolAtLocation(source);
    return (module ? checker.getExportsOfModule(module) : []).flatMap((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      if (target.getDocumentationComment(checker).length > 0) return [];
      const declared = target.declarations?.[0];
      const file = declared?.getSourceFile();
      if (declared === undefined || file === undefined || file.fileName.includes("/node_modules/")) return [];
      const line = file.getLineAndCharacterOfPosition(declared.getStart()).line + 1;
      return [{ file: file.fileName.slice(ROOT.length), line, message: `${symbol.name} is exported without a doc` }];
    });
  });
}
