import { expect, test } from "vitest";
import { capabilityMatrix } from "../../components/matrix.ts";

test("the capabilities as the documentation prints them", async () => {
  await expect(capabilityMatrix()).toMatchFileSnapshot("golden/capabilities.txt");
});
