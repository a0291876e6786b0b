import { expect, test } from "vitest";
import { type Combination, everyCombination, isValid } from "../../components/checking/compatibility.ts";
import { componentNames, registries } from "../../components/registries.ts";
import { deploy } from "./deploy.ts";
import { labelOf, settingsOf } from "./settings.ts";

type Component = keyof typeof registries;

const valid = [...everyCombination()].filter(isValid);

/** Two valid combinations that differ in one component only, for a pair of its kinds. */
function pair(component: Component, from: string, to: string): [Combination, Combination] | undefined {
  for (const before of valid) {
    if (before[component].kind !== from) continue;
    const after = valid.find(
      (other) =>
        other[component].kind === to &&
        other.delivery === before.delivery &&
        componentNames.every(
          (name) =>
            name === component || (other[name].kind === before[name].kind && other[name].host === before[name].host),
        ),
    );
    if (after) return [before, after];
  }
  return undefined;
}

/** A URN as a reader wants it: the component it is in, its type and name. */
function short(urn: string): string {
  const [, , , types = "", name] =
    urn.split("::").length === 4 ? ["", "", "", ...urn.split("::").slice(2)] : urn.split("::");
  const type = types.split("$").at(-1) ?? "";
  return `${type.replace(/^(\w+):(\w+)\/\w+:/, "$1:$2:")} ${name}`;
}

/** How many stand in which part. */
function counted(urns: string[]): string {
  const counts = new Map<string, number>();
  for (const urn of urns) {
    const part = (urn.split("::").at(-1) ?? "").match(/^(api|rpc|storage|visualizer|[a-z]+)/)?.[0] ?? "";
    counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return [...counts].map(([part, count]) => `${part} ${count}`).join(", ");
}

for (const component of componentNames) {
  const kinds = Object.keys(registries[component]);
  const pairs = kinds.flatMap((from) => kinds.filter((to) => to !== from).map((to) => [from, to] as const));
  test.each(pairs)(`${component}: %s becomes %s`, async (from, to) => {
    const found = pair(component, from, to);
    if (!found) {
      await expect(
        `no combination allows it: a swap of ${from} for ${to} takes another component with it\n`,
      ).toMatchFileSnapshot(`golden/swaps/${component}-${from}-to-${to}.txt`);
      return;
    }
    const [before, after] = found;
    const [old, young] = [(await deploy(settingsOf(before))).urns, (await deploy(settingsOf(after))).urns];
    const list = (sign: string, urns: string[]) => urns.map((urn) => `${sign} ${short(urn)}`).sort();
    const stay = old.filter((urn) => young.includes(urn));
    const text = [
      `${labelOf(before)}`,
      `${labelOf(after)}`,
      "",
      `= ${stay.length} stay: ${counted(stay)}`,
      ...list(
        "-",
        old.filter((urn) => !young.includes(urn)),
      ),
      ...list(
        "+",
        young.filter((urn) => !old.includes(urn)),
      ),
      "",
    ].join("\n");
    for (const name of componentNames)
      expect(
        stay.some((urn) => urn.endsWith(`::integraviz-${name}`)),
        `${name} keeps its URN`,
      ).toBe(true);
    await expect(text).toMatchFileSnapshot(`golden/swaps/${component}-${from}-to-${to}.txt`);
  });
}
