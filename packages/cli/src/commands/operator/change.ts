// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { printJson, printLine } from "../../output.ts";
import { operatorCommand } from "../operator-command.ts";
import { operatorJson } from "./print.ts";

/** A change of what a person may do. */
export interface OperatorChange {
  readonly verb: "suspend" | "resume" | "remove";
  readonly description: string;
}

/** All three. */
export const operatorChanges: readonly OperatorChange[] = [
  { verb: "suspend", description: "take all rights from a person until they are resumed" },
  { verb: "resume", description: "give a suspended person their rights again" },
  { verb: "remove", description: "take all rights from a person for ever" },
];

/** `mayfly operator suspend|resume|remove`. */
export function operatorChange({ verb, description }: OperatorChange): Command {
  const command = new Command(verb).description(description).argument("<name>", "the person");
  return operatorCommand(command, `mayfly operator ${verb} lee`, async (server, { format, argument }) => {
    const operator = await server.call("profiles", "ChangeOperator", { name: String(argument), change: verb });
    if (format === "json") printJson(operatorJson(operator));
    else printLine(`${operator.name} is ${operator.state}`);
  });
}
