// SPDX-License-Identifier: Apache-2.0
import type { SignalName } from "./signal.ts";

/** One row of a framework, and what we claim about it. */
export interface Control {
  readonly id: string;
  /** In the framework's words, shortened. */
  readonly name: string;
  /** `covered` we do what an identity and authorization system can do about it · `partly` a part of it · `none` not at all. */
  readonly coverage: "covered" | "partly" | "none";
  /** What we do; for `partly` also what is left to others; for `none` why. */
  readonly how: string;
  /** What in the record shows it; empty where nothing does. */
  readonly shownBy: readonly SignalName[];
}

/** A framework whose controls we answer. */
export interface Framework {
  readonly title: string;
  readonly controls: readonly Control[];
}
