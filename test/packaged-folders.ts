/** The folders whose code the package is compiled from: what a test copies of this project to run it elsewhere. */
export const PACKAGED_FOLDERS = [
  "commands",
  "components",
  "contract",
  "dashboards",
  "embedded",
  "functions",
  "operations",
  "trainer",
];
