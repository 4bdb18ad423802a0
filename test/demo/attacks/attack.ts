// SPDX-License-Identifier: Apache-2.0
import type { DemoWorld } from "../world/demo-world.ts";

/** One way to get more than was given. */
export interface Attack {
  /** What is tried. */
  readonly name: string;
  /** What stops it. */
  readonly control: string;
  /** Tries it in a world that works; the refusal as the attacker sees it, with its code. @throws when the attack works, or fails for another reason */
  run(world: DemoWorld): Promise<string>;
}
