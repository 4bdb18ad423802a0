// SPDX-License-Identifier: Apache-2.0
import { type Command, type CommanderError, InvalidArgumentError, type Option } from "commander";
import { type CliFailure, usageFailure } from "./failure.ts";

/** Gathers the wrong values and missing options of one call, so that they are reported at once. */
export class UsageProblems {
  readonly #problems: string[] = [];
  readonly #required = new Set<Option>();

  /** Makes every option of the program and its commands report here instead of stopping at the first problem. */
  watch(program: Command): void {
    this.#watchCommand(program);
    program.hook("preAction", (_program, command) => {
      const missing = command.options.filter(
        (option) => this.#required.has(option) && command.getOptionValueSource(option.attributeName()) === undefined,
      );
      if (this.#problems.length > 0 || missing.length > 0)
        throw this.failure(
          command,
          missing.map((option) => `missing: ${option.long ?? option.flags}`),
        );
    });
  }

  /** The failure of what was gathered, and of more. */
  failure(command: Command, more: readonly string[]): CliFailure {
    const path: string[] = [];
    for (let at: Command | null = command; at !== null; at = at.parent) path.unshift(at.name());
    return usageFailure([...this.#problems, ...more], `\`${path.join(" ")} --help\` shows the options`);
  }

  /** The failure of what was gathered together with what commander stopped at. */
  stopped(command: Command, error: CommanderError): CliFailure {
    return this.failure(command, [error.message.replace(/^error: /, "").replaceAll("\n", " ")]);
  }

  #watchCommand(command: Command): void {
    for (const option of command.options) this.#watchOption(option);
    for (const child of command.commands) this.#watchCommand(child);
  }

  #watchOption(option: Option): void {
    // Checked in the hook, with everything else.
    if (option.mandatory) this.#required.add(option);
    option.mandatory = false;
    const parse = option.parseArg;
    if (parse === undefined) return;
    option.parseArg = <T>(text: string, before: T): T => {
      try {
        return parse<T>(text, before);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        this.#problems.push(`${option.long ?? option.flags}: ${error.message}`);
        return before;
      }
    };
  }
}
