// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { environment } from "../../processes.ts";
import { peerCommand } from "../peers.ts";
import type { ChainCase } from "./chain-mutations.ts";
import type { TokenCase } from "./token-mutations.ts";
import type { Verdict } from "./verdicts.ts";

interface Answer {
  readonly ok: boolean;
  readonly id?: string;
  readonly error?: string;
  readonly panic?: boolean;
}

/** go-spiffe as a process that answers a line with a line. */
export class GoJudge implements Disposable {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    const [program = "", ...args] = peerCommand("go");
    this.#child = spawn(program, [...args, "verdict"], { env: environment(), stdio: ["pipe", "pipe", "inherit"] });
    if (this.#child.stdout === null) throw new TypeError("no pipe");
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Verdicts in the order of the cases. */
  async judge(cases: readonly (ChainCase | TokenCase)[]): Promise<Verdict[]> {
    this.#child.stdin?.write(cases.map((one) => `${JSON.stringify(lineOf(one))}\n`).join(""));
    const verdicts: Verdict[] = [];
    for (let left = cases.length; left > 0; left--) verdicts.push(await this.#next());
    return verdicts;
  }

  async #next(): Promise<Verdict> {
    const { done, value } = await this.#answers.next();
    if (done === true) throw new Error("go-spiffe's judge ended");
    const answer = JSON.parse(value) as Answer;
    if (answer.ok) return { ok: true, id: answer.id ?? "" };
    const message = answer.error ?? "";
    if (message.startsWith("input: ")) throw new Error(`the judge could not read a case: ${message}`);
    return { ok: false, code: answer.panic === true ? "PANIC" : "REFUSED", message };
  }

  [Symbol.dispose](): void {
    this.#child.stdin?.end();
  }
}

function lineOf(one: ChainCase | TokenCase): unknown {
  if (one.kind === "jwt") return one;
  const base64 = (der: Uint8Array): string => Buffer.from(der).toString("base64");
  const bundles = Object.entries(one.bundles).map(([name, ders]) => [name, ders.map(base64)] as const);
  return { kind: one.kind, now: one.now, chain: one.chain.map(base64), bundles: Object.fromEntries(bundles) };
}
