#!/usr/bin/env bash
# Times as text on a time axis of ECharts, as PostgreSQL and DuckDB print them: without trailing zeros, so
# that half a second is "12:00:00.5".
# Guess: as Date.parse reads it: 500 ms.
# Behaviour: 5 ms; ".25" is 25 ms. Three digits and more are read rightly. A point that comes later in time
# stands further to the left.
set -euo pipefail
. "$(dirname "$0")/folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund echarts@6.1.0
node -e '
const echarts = require("echarts");
console.log("echarts", echarts.version);
console.log("guess: 90, 500 and 250 ms");
const told = [".09", ".5", ".25", ".250", ".123456"].map((fraction) => {
  const text = `2026-01-01T12:00:00${fraction}Z`;
  return [fraction, echarts.number.parseDate(text) - Date.UTC(2026, 0, 1, 12), Date.parse(text) - Date.UTC(2026, 0, 1, 12)];
});
const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: 400, height: 300 });
chart.setOption({ xAxis: { type: "time" }, yAxis: {}, series: [{ type: "line", data: [["2026-01-01 12:00:00.09", 1], ["2026-01-01 12:00:00.5", 2]] }] });
const data = chart.getModel().getSeriesByIndex(0).getData();
const drawn = [0, 1].map((index) => new Date(data.get("x", index)).getMilliseconds());
chart.dispose();
for (const [fraction, seen, right] of told) console.log(`seen: ${fraction} s: ${seen} ms (Date.parse: ${right})`);
console.log("seen: drawn at", drawn.join(" and "), "ms: the later point first");
process.exit(JSON.stringify([told.map(([, seen]) => seen), drawn]) === "[[9,5,25,250,123],[9,5]]" ? 0 : 1);
'
