// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** Of this package, such as `0.1.0`. */
export const serverVersion: string = version;
