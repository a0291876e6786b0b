/** 1, 'x', true, null, 1.5, 2^53 + 1, NaN and a JSON document, as cells of an answer to SQL. */
export const CELLS = [1, "x", true, null, 1.5, { $num: "9007199254740993" }, { $num: "NaN" }, { k: [1] }];
