import { expect, test } from "vitest";
import { listSettings, settingsMarkdown, stackFileSchema } from "../../components/checking/reference.ts";

test("every setting is described", () => {
  const undescribed = listSettings().filter(({ description }) => description === undefined);
  expect(undescribed.map(({ key }) => key)).toEqual([]);
});

test("docs/settings.md is what the schema says (write it anew with --update)", async () => {
  await expect(settingsMarkdown()).toMatchFileSnapshot("../../docs/settings.md");
});

test("the stacks' JSON Schema is what the schema says (write it anew with --update)", async () => {
  await expect(`${JSON.stringify(stackFileSchema(), null, 2)}\n`).toMatchFileSnapshot("../../stacks/stack.schema.json");
});
