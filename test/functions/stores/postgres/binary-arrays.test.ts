import { expect, test } from "vitest";
import { BinaryArray, OID } from "../../../../functions/stores/postgres/binary-arrays.ts";
import { asUser, freshDatabase } from "./fresh-database.ts";

test("the server reads texts as they were written: repeated, null, empty and not ASCII", async () => {
  const { ownerUrl } = await freshDatabase();
  const values = ["a", "a", null, "a", "", "", "é😀", "é😀", "é😀", "long ".repeat(200), "a", null, null, "a"];
  const array = new BinaryArray(OID.text, 8);
  for (const value of values) array.text(value);
  const { rows } = await asUser(ownerUrl, (client) => client.query("SELECT $1::text[] AS read", [array.done()]));
  expect(rows).toEqual([{ read: values }]);
});
