// SPDX-License-Identifier: Apache-2.0
import type { Attack } from "../attacks/attack.ts";
import { attacks } from "../attacks/attacks.ts";
import type { Beat } from "../story.ts";
import type { DemoWorld } from "../world/demo-world.ts";

/** What somebody tries who has an agent, a tool server or a process in their hands. */
export const attack: Beat = {
  title: `Attacks, ${String(attacks.length)} of them, each tried for real: each is refused, and by which control`,
  async run({ world, signal }) {
    const outcomes: Outcome[] = [];
    for (const [index, each] of attacks.entries()) {
      signal?.throwIfAborted();
      outcomes.push(await attempt(each, { number: index + 1, world }));
    }
    const lines = outcomes.flatMap(({ lines: said }) => said);
    // All are tried: one that worked is no reason not to know of the others.
    if (outcomes.some(({ refused }) => !refused)) throw new Error(["an attack was not refused", ...lines].join("\n"));
    return lines;
  },
};

interface Outcome {
  readonly refused: boolean;
  readonly lines: readonly string[];
}

async function attempt(
  tried: Attack,
  { number, world }: { readonly number: number; readonly world: DemoWorld },
): Promise<Outcome> {
  const { name, control } = tried;
  const startedMs = performance.now();
  const head = (): string =>
    `${String(number).padStart(2)}. ${name} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`;
  try {
    const refusal = await tried.run(world);
    return { refused: true, lines: [head(), `    ${refusal}`, `    control: ${control}`] };
  } catch (error) {
    const why = error instanceof Error ? error.message : JSON.stringify(error);
    return {
      refused: false,
      lines: [head(), `    NOT REFUSED as expected: ${why}`, `    control: ${control}`],
    };
  }
}
