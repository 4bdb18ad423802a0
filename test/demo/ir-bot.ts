// SPDX-License-Identifier: Apache-2.0
// The agent `ir-bot`, without a model: does what it is told on stdin, one JSON command a line, and answers on stdout, one JSON object a line.
// Usage, below `mayfly task exec`: node --conditions=@mayfly/source ir-bot.ts '{"gateway":"https://…/mcp/orders","gateway_id":"spiffe://…","server":"host:port"}'
import { createInterface } from "node:readline";
import { Bot, type BotConfig } from "./programs/bot/bot.ts";
import { describeError } from "./programs/bot/describe-error.ts";

const print = (answer: object): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
await using bot = new Bot(JSON.parse(process.argv[2] ?? "{}") as BotConfig, print);
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const command = JSON.parse(line) as { readonly do: string };
    if (command.do === "exit") break;
    print(await bot.obey(command));
  } catch (error) {
    print({ error: describeError(error) });
  }
}
