// SPDX-License-Identifier: Apache-2.0
import { Argument, Command } from "commander";
import { printRaw } from "../output.ts";

interface Words {
  readonly path: string;
  readonly words: readonly string[];
}

function collect(command: Command, path: string): Words[] {
  const options = command.options.flatMap((option) => (option.long === undefined ? [] : [option.long]));
  const own = { path, words: [...command.commands.map((child) => child.name()), ...options] };
  return [own, ...command.commands.flatMap((child) => collect(child, `${path} ${child.name()}`.trim()))];
}

function bash(all: readonly Words[]): string {
  const cases = all.map(({ path, words }) => `    ${JSON.stringify(path)}) words=${JSON.stringify(words.join(" "))};;`);
  return `_mayfly() {
  local path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) path="\${path:+$path }$word";; esac
  done
  case $path in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mayfly mayfly
`;
}

function fish(all: readonly Words[]): string {
  return all
    .flatMap(({ path, words }) => {
      const seen = path === "" ? "__fish_use_subcommand" : `string match -q -- "mayfly ${path}*" (commandline -cp)`;
      return words.map((word) =>
        word.startsWith("--")
          ? `complete -c mayfly -n '${seen}' -l ${word.slice(2)}`
          : `complete -c mayfly -f -n '${seen}' -a ${word}`,
      );
    })
    .join("\n");
}

/** `mayfly completion bash|zsh|fish`: a script for the shell, made from the commands themselves. */
export function completionCommand(program: Command): Command {
  return new Command("completion")
    .description("print a completion script")
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", "\nExample:\n  source <(mayfly completion bash)")
    .action((shell: string) => {
      const all = collect(program, "");
      if (shell === "fish") return printRaw(fish(all));
      printRaw(shell === "zsh" ? `autoload -U +X bashcompinit && bashcompinit\n${bash(all)}` : bash(all));
    });
}
