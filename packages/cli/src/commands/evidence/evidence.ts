// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import { type Control, type Framework } from "../../evidence/framework.ts";
import { frameworks } from "../../evidence/frameworks.ts";
import { signals } from "../../evidence/signal.ts";
import { Tally } from "../../evidence/tally.ts";
import { CliFailure } from "../../failure.ts";
import { printJson, printLine } from "../../output.ts";
import { exportRecords } from "../log/records.ts";
import { operatorCommand } from "../operator-command.ts";

interface EvidenceOptions {
  readonly framework: string;
}

/** `shown` the record shows it · `claimed` nothing of it happened yet · `not-covered` we do nothing about it. */
type Standing = "shown" | "claimed" | "not-covered";

interface Answer {
  readonly control: Control;
  readonly standing: Standing;
  readonly shown: readonly {
    readonly says: string;
    readonly count: number;
    readonly last_at: string | null;
    readonly last_index: number | null;
  }[];
}

function answer(control: Control, tally: Tally): Answer {
  const shown = control.shownBy.map((name) => {
    const { count, lastAt, lastIndex } = tally.shown(name);
    return { says: signals[name].says, count, last_at: lastAt ?? null, last_index: lastIndex ?? null };
  });
  const isShown = shown.some(({ count }) => count > 0);
  const standing = control.coverage === "none" ? "not-covered" : isShown ? "shown" : "claimed";
  return { control, standing, shown };
}

function answerJson({ control, standing, shown }: Answer): Record<string, unknown> {
  const { id, name, coverage, how } = control;
  return { id, name, coverage, standing, how, shown };
}

const colours = { shown: "green", claimed: "yellow", "not-covered": "red" } as const;
const words = { shown: "shown", claimed: "nothing recorded yet", "not-covered": "not covered" } as const;

function printAnswer({ control, standing, shown }: Answer): void {
  const part = control.coverage === "partly" ? ", covered in part" : "";
  printLine("");
  printLine([`${control.id}  ${control.name}`, "bold"], "  ", [`${words[standing]}${part}`, colours[standing]]);
  printLine(`  ${control.how}`);
  for (const { says, count, last_index: index } of shown)
    printLine(`  ${String(count).padStart(6)}  ${says}${index === null ? "" : `  (last: record ${String(index)})`}`);
}

function printAnswers({ title }: Framework, size: number, answers: readonly Answer[]): void {
  printLine([title, "bold"], `, by the ${String(size)} records of this server`);
  for (const each of answers) printAnswer(each);
  const uncovered = answers.filter(({ standing }) => standing === "not-covered").map(({ control }) => control.id);
  const inPart = answers.filter(({ control }) => control.coverage === "partly").map(({ control }) => control.id);
  printLine("");
  if (inPart.length > 0) printLine(`covered in part: ${inPart.join(", ")}`);
  printLine(`not covered: ${uncovered.length === 0 ? "none" : uncovered.join(", ")}`);
}

/** `mayfly evidence`: for each control of a framework, what in the live record shows it, and what we do not cover. */
export function evidenceCommand(): Command {
  const names = Object.keys(frameworks);
  const command = new Command("evidence")
    .description("what in the live record shows each control of a framework, and what is not covered")
    .addOption(new Option("--framework <name>", "which framework").choices(names).makeOptionMandatory());
  const example = "mayfly evidence --framework owasp-agentic";
  return operatorCommand<EvidenceOptions>(command, example, async (server, { options, format }) => {
    const framework = frameworks[options.framework];
    if (framework === undefined) throw new CliFailure("INTERNAL", "a framework without data");
    const tally = new Tally();
    for await (const { index, record } of exportRecords(server)) tally.add(index, record);
    const size = tally.shown("records").count;
    const answers = framework.controls.map((control) => answer(control, tally));
    if (format === "text") return printAnswers(framework, size, answers);
    printJson({
      framework: options.framework,
      title: framework.title,
      records: size,
      controls: answers.map(answerJson),
    });
  });
}
