// SPDX-License-Identifier: Apache-2.0
import type { Place } from "./words.ts";

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function valueCases({ path, options }: Place): string[] {
  return options.flatMap(({ flag, values }) => {
    if (values === "none") return [];
    const words = values === "any" ? "" : values.join(" ");
    return [`    ${quoted(`${path} ${flag}`)}) words=${quoted(words)}; options=;;`];
  });
}

/** The completion script for bash; zsh runs it through bashcompinit. */
export function bashScript(places: readonly Place[]): string {
  const known = places.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  const cases = places.map(({ path, words, options }) => {
    const flags = options.map(({ flag }) => flag).join(" ");
    return `    ${quoted(path)}) words=${quoted(words.join(" "))}; options=${quoted(flags)};;`;
  });
  return `_mayfly() {
  local path= word words= options= current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
    ${known.join("|")}) path="\${path:+$path }$word";;
    esac
  done
  case $path in
${cases.join("\n")}
  esac
  case "$path $previous" in
${places.flatMap(valueCases).join("\n")}
  esac
  case $current in -*) words=$options;; esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _mayfly mayfly
`;
}

/** The completion script for zsh. */
export function zshScript(places: readonly Place[]): string {
  return `#compdef mayfly\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(places)}`;
}
