// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { Background } from "../../processes.ts";
import type { ProgramName } from "../world/accounts.ts";
import type { BotAnswer } from "../world/bot.ts";
import type { DemoWorld } from "../world/demo-world.ts";

/** Runs a program of `programs/attacker` under an account, with an order as JSON on stdin; the JSON that it printed. @throws when it prints none */
export async function runAs(
  world: DemoWorld,
  account: ProgramName,
  { program, order }: { readonly program: string; readonly order: object },
): Promise<BotAnswer> {
  const file = fileURLToPath(new URL(`../programs/attacker/${program}`, import.meta.url));
  const { node, user } = world.account(account);
  const input = JSON.stringify({ ...order, workload_socket: world.agent.socket });
  const { stdout, stderr } = await new Background([...node, file], {}, input, user).ended;
  if (stdout === "") throw new Error(`${program} said nothing: ${stderr}`);
  return JSON.parse(stdout) as BotAnswer;
}
