// SPDX-License-Identifier: Apache-2.0
import type { ProgramName } from "../world/accounts.ts";
import type { DemoWorld } from "../world/demo-world.ts";

/** Another agent of dana's, whose processes are those of an account. */
export async function addProfile(
  world: DemoWorld,
  { name, account, ceiling }: { readonly name: string; readonly account: ProgramName; readonly ceiling: object },
): Promise<void> {
  const selectors = world.account(account).selectors.flatMap((selector) => ["--selector", selector]);
  const file = world.file(JSON.stringify(ceiling));
  const words = ["--owner", "dana", "--tier", "T2", "--expires-in", "1h", "--parent-id", world.agent.id];
  await world.json("agent-profile", "create", name, "--ceiling", file, ...words, ...selectors);
}
