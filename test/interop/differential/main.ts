// SPDX-License-Identifier: Apache-2.0
// Our verdicts against go-spiffe's on mutated chains and tokens:
//   node --conditions=@mayfly/source test/interop/differential/main.ts [--update] [--seed N] [--cases N]
// Ends with 1 on a disagreement that no rule explains, or when the counts are not those of docs/differential.md.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { chainBases } from "./chain-bases.ts";
import { type ChainCase, chainCase } from "./chain-mutations.ts";
import { chainRules } from "./chain-rules.ts";
import { GoJudge } from "./go-judge.ts";
import { Random } from "./random.ts";
import { type Disagreement, ruleOf } from "./rules.ts";
import { compareTable, type Tally, tableFile, writeTable } from "./table.ts";
import { tokenKeys } from "./token-bases.ts";
import { type TokenCase, tokenCase } from "./token-mutations.ts";
import { tokenRules } from "./token-rules.ts";
import { ourVerdict, type Verdict } from "./verdicts.ts";

const keptSeed = 20_261_124;
const batch = 250;
const shown = 20;
// Chains are judged at an instant of their own, tokens at that of the machine: go-spiffe asks it.
const now = new Date("2026-03-01T12:00:00Z");

const { values } = parseArgs({
  options: { update: { type: "boolean" }, seed: { type: "string" }, cases: { type: "string" } },
});
const seed = Number(values.seed ?? keptSeed);
const cases = Number(values.cases ?? 20_000);

class Count {
  bothAccept = 0;
  bothRefuse = 0;
  readonly disagreements = new Map<string, number>();
  readonly unexplained: Disagreement[] = [];

  add(one: ChainCase | TokenCase, ours: Verdict, theirs: Verdict): void {
    if (ours.ok && theirs.ok && ours.id === theirs.id) this.bothAccept++;
    else if (!ours.ok && !theirs.ok) this.bothRefuse++;
    else this.#differ({ one, ours, theirs });
  }

  #differ(disagreement: Disagreement): void {
    const rule = ruleOf(disagreement);
    if (rule === undefined) this.unexplained.push(disagreement);
    else this.disagreements.set(rule, (this.disagreements.get(rule) ?? 0) + 1);
  }
}

async function compare(): Promise<Count> {
  const random = new Random(seed);
  const bases = chainBases(now);
  const world = { own: tokenKeys("own"), other: tokenKeys("other") };
  const count = new Count();
  using go = new GoJudge();
  for (let done = 0; done < cases; done += batch) {
    const some = Array.from({ length: Math.min(batch, cases - done) }, (_, index) =>
      index % 2 === 0 ? chainCase(bases, now.getTime(), random) : tokenCase(world, random),
    );
    const answers = go.judge(some);
    const ours = some.map((one) => ourVerdict(one));
    for (const [index, theirs] of (await answers).entries()) {
      const [one, verdict] = [some[index], ours[index]];
      if (one !== undefined && verdict !== undefined) count.add(one, verdict, theirs);
    }
  }
  return count;
}

function show({ one, ours, theirs }: Disagreement): string {
  const input =
    one.kind === "jwt"
      ? { token: one.token, bundles: one.bundles }
      : { chain: one.chain.map((der) => Buffer.from(der).toString("base64")), now: one.now };
  return JSON.stringify({ mutation: one.mutation, ours, theirs, ...input }).slice(0, 8_000);
}

const count = await compare();
const { bothAccept, bothRefuse, disagreements } = count;
const tally: Tally = { seed, cases, bothAccept, bothRefuse, disagreements };
const accepts = new Set([...chainRules.accepted, ...tokenRules.accepted].map(({ name }) => name));
for (const disagreement of count.unexplained.slice(0, shown)) console.log(show(disagreement));
const table = writeTable(tally, accepts);
if (values.update === true) writeFileSync(tableFile, table);
const isKept = seed === keptSeed && cases === 20_000 && values.update !== true;
const problems = isKept ? compareTable(readFileSync(tableFile, "utf8"), tally) : [];
for (const problem of problems) console.log(problem);
const differ = [...disagreements.values()].reduce((a, b) => a + b, 0);
console.log(
  `${cases} cases, seed ${seed}: both accept ${bothAccept}, both refuse ${bothRefuse}, explained ${differ}, unexplained ${count.unexplained.length}`,
);
process.exitCode = count.unexplained.length === 0 && problems.length === 0 ? 0 : 1;
