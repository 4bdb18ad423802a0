// SPDX-License-Identifier: Apache-2.0
import { createRequire } from "node:module";
import type * as Yaml from "yaml";

const load = createRequire(import.meta.url);

/** The YAML library, loaded by the first one who has something to read: most commands never do. */
export function yaml(): typeof Yaml {
  return load("yaml") as typeof Yaml;
}
