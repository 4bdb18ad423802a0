// SPDX-License-Identifier: Apache-2.0
import type { Command, Option } from "commander";

/** What can follow on the command line in one place. */
export interface Place {
  /** Names of the commands so far, without the program's: "" or "entry create". */
  readonly path: string;
  /** Commands below, and values of an argument that has choices. */
  readonly words: readonly string[];
  readonly options: readonly PlaceOption[];
}

/** One option of a command. */
interface PlaceOption {
  /** With its dashes: `--output`. */
  readonly flag: string;
  readonly description: string;
  /** The values that it takes: a list, any (usually a file), or none. */
  readonly values: readonly string[] | "any" | "none";
}

function placeOption(option: Option): PlaceOption[] {
  if (option.long === undefined || option.hidden) return [];
  const takesValue = option.required || option.optional;
  const values = takesValue ? (option.argChoices ?? "any") : "none";
  return [{ flag: option.long, description: option.description, values }];
}

/** Every place of the program, the program itself first. */
export function placesOf(command: Command, path = ""): Place[] {
  const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  const help: PlaceOption = { flag: "--help", description: "display help for command", values: "none" };
  const place: Place = {
    path,
    words: [...command.commands.map((child) => child.name()), ...choices],
    options: [...command.options.flatMap(placeOption), help],
  };
  return [place, ...command.commands.flatMap((child) => placesOf(child, `${path} ${child.name()}`.trim()))];
}
