// SPDX-License-Identifier: Apache-2.0
import type { Place } from "./words.ts";

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function lines({ path, words, options }: Place): string[] {
  const at = `-n ${quoted(`__mayfly_at ${quoted(path)}`)}`;
  const commands = words.map((word) => `complete -c mayfly -f ${at} -a ${word}`);
  const flags = options.map(({ flag, description, values }) => {
    const value = values === "none" ? "" : values === "any" ? " -r" : ` -x -a ${quoted(values.join(" "))}`;
    return `complete -c mayfly ${at} -l ${flag.slice(2)}${value} -d ${quoted(description)}`;
  });
  return [...commands, ...flags];
}

/** The completion script for fish. */
export function fishScript(places: readonly Place[]): string {
  const known = places.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  return `function __mayfly_at
  set -l path
  for word in (commandline -opc)[2..]
    set -l next (string trim -- "$path $word")
    if contains -- $next ${known.join(" ")}
      set path $next
    end
  end
  test "$path" = "$argv[1]"
end
${places.flatMap(lines).join("\n")}
`;
}
