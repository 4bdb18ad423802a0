// SPDX-License-Identifier: Apache-2.0
import { Argument, Command } from "commander";
import { printRaw } from "../../output.ts";
import { withExample } from "../command.ts";
import { bashScript, zshScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { placesOf } from "./words.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `mayfly completion bash|zsh|fish`: a script for the shell, made from the commands themselves. */
export function completionCommand(program: Command): Command {
  const command = new Command("completion")
    .description("print a completion script")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(scripts)));
  return withExample(command, "source <(mayfly completion bash)").action((shell: keyof typeof scripts) => {
    printRaw(scripts[shell](placesOf(program)));
  });
}
