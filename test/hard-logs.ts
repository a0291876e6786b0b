/** Values that a store, a file or a hash could bend. */
export const hardLogs: (object | null)[] = [
  null,
  {},
  { loss: 0.1, accuracy: 1e-7, big: 1e21, small: 5e-324, zero: 0 },
  { loss: { $num: "NaN" }, up: { $num: "Infinity" }, down: { $num: "-Infinity" }, minus: { $num: "-0" } },
  { whole: { $num: "9223372036854775807" }, digits: { $num: "1000000000000000000000" } },
  { text: 'O\'Brien "quotes", comma; -- ; \\N \n tab\t', key: { nested: [1, "two", null, { deep: true }] } },
  { "schlüssel 🦀": "値", "": "empty key", "a.b": 1, val_loss: 3 },
];
