// SPDX-License-Identifier: Apache-2.0
import { createRequire } from "node:module";
import type * as CedarModule from "@cedar-policy/cedar-wasm/nodejs";

/** The Cedar engine, compiled to WebAssembly. */
export type Cedar = typeof CedarModule;

/** One entity's name. */
export interface EntityName {
  readonly type: string;
  readonly id: string;
}

/** A value in Cedar's JSON: entities as `{ __entity }`, decimals, instants and the like as `{ __extn }`. */
export type CedarValue = boolean | number | string | readonly CedarValue[] | { readonly [name: string]: CedarValue };

/** One entity with its attributes; parents are all of its ancestors that matter. */
export interface CedarEntity {
  readonly uid: EntityName;
  readonly attrs: Readonly<Record<string, CedarValue>>;
  readonly parents: readonly EntityName[];
}

/** All that an evaluation depends on beside the policies and their schema: plain JSON, so that a decision can be replayed. */
export interface CedarRequest {
  readonly principal: EntityName;
  readonly action: EntityName;
  readonly resource: EntityName;
  readonly context: Readonly<Record<string, CedarValue>>;
  readonly entities: readonly CedarEntity[];
}

const require = createRequire(import.meta.url);
const path = require.resolve("@cedar-policy/cedar-wasm/nodejs");

/**
 * A new engine with a memory of its own (some 10 MB, 20–50 ms). Preparsed policies live in it until it is dropped, and a trap leaves
 * its memory in an unknown state: so each compiled set has its own, and gets a new one after a trap.
 */
export function startCedar(): Cedar {
  // @NOTE the module makes its one instance when it is loaded; not cached, each load makes another.
  Reflect.deleteProperty(require.cache, path);
  try {
    return require(path) as Cedar;
  } finally {
    Reflect.deleteProperty(require.cache, path);
  }
}
