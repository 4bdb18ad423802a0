// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, call } from "./call.ts";
import { profileReason } from "./certificate-profile.ts";
import { compareJson, messageFits } from "./compare.ts";
import { Connections } from "./connections.ts";
import type { Deviation } from "./deviation.ts";
import { methodDescriptor } from "./descriptors.ts";
import { References } from "./references.ts";
import {
  type Json,
  loadScenario,
  type Scenario,
  type ServerSettings,
  type VectorCase,
  vectorsPresent,
} from "./scenario.ts";
import type { StartTarget, Target } from "./target.ts";

export type { Deviation } from "./deviation.ts";

interface Stage {
  readonly connections: Connections;
  readonly references: References;
}

function answerJson(answer: Answer, vector: VectorCase): Json {
  const streaming = methodDescriptor(vector.rpc)?.responseStream ?? false;
  return streaming ? answer.messages : (answer.messages[0] ?? {});
}

/** Where SPIRE gives no details we may tell our own reason. */
function isOurReason({ status_details_bin: recorded }: VectorCase, { statusDetails }: Answer): boolean {
  const types = Buffer.from(statusDetails ?? "", "base64")
    .toString("latin1")
    .match(/type\.googleapis\.com\/[\w.]+/g);
  return recorded === undefined && types?.join() === "type.googleapis.com/mayfly.v1.Reason";
}

/** Every difference between the recorded and the seen outcome. */
function differences(vector: VectorCase, answer: Answer, references: References): string[] {
  const status: string[] = [];
  if (!answer.cut) {
    if (answer.code !== vector.code) {
      return [`code ${String(answer.code)} (${answer.message}) instead of ${String(vector.code)} (${vector.message})`];
    }
    const wanted = references.resolve(vector.message) as string;
    // The library's word for success, and for a deadline that it kept itself.
    const message = answer.code === 0 ? "" : answer.message;
    if (answer.code !== 4 && !messageFits(wanted, message))
      status.push(`message ${JSON.stringify(answer.message)} instead of ${JSON.stringify(wanted)}`);
    if (answer.statusDetails !== vector.status_details_bin && !isOurReason(vector, answer))
      status.push(`status details ${String(answer.statusDetails)}`);
  }
  if (vector.response === undefined) return status;
  const rules = { unordered: vector.unordered ?? [], any: vector.any ?? [] };
  return [...status, ...compareJson(references.resolve(vector.response), answerJson(answer, vector), "", rules)];
}

async function play(vector: VectorCase, { connections, references }: Stage): Promise<Answer> {
  const request = resolveRequest(vector.request, references);
  return await call({ ...vector, request }, connections, references);
}

function resolveRequest(request: Json, references: References): Json {
  if (!Array.isArray(request)) return references.resolve(request);
  return request.map((item: Json) =>
    item !== null && typeof item === "object" && "@x509pop" in item ? item : references.resolve(item),
  );
}

async function playUntilFit(vector: VectorCase, stage: Stage): Promise<{ answer: Answer; problems: string[] }> {
  if (vector.wait_ms !== undefined) await sleep(vector.wait_ms);
  const until = Date.now() + (vector.poll_ms ?? 0);
  for (;;) {
    const answer = await play(vector, stage);
    const problems = differences(vector, answer, stage.references);
    if (problems.length === 0 || Date.now() >= until) return { answer, problems };
    await sleep(250);
  }
}

/** Whole lines in the report: an assertion of the library would cut them. */
function assertNone(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

async function playCase(vector: VectorCase, stage: Stage, deviation: Deviation | undefined): Promise<void> {
  const expected = deviation?.instead === undefined ? vector : withAnswer(vector, deviation.instead(vector));
  const { answer, problems } = await playUntilFit(expected, stage);
  stage.references.remember(vector.id, answerJson(answer, vector));
  if (deviation === undefined) {
    assertNone(problems);
    return;
  }
  const recorded = differences(vector, answer, stage.references);
  expect(recorded, `no deviation any more: ${deviation.reason}`).not.toEqual([]);
  if (deviation.instead !== undefined) assertNone(problems);
}

function withAnswer(vector: VectorCase, answered: object): VectorCase {
  const { response, ...rest }: VectorCase = { ...vector, ...answered };
  return response === undefined ? rest : { ...rest, response };
}

/** Defines one vitest suite that plays a scenario in order against a fresh target. */
export function replayScenario(
  name: string,
  start: StartTarget,
  deviations: Readonly<Record<string, Deviation>> = {},
): void {
  describe.skipIf(!vectorsPresent)(`SPIRE 1.13.3 ${name}`, () => {
    const scenario: Scenario = vectorsPresent ? loadScenario(name) : { ...emptyScenario, scenario: name };
    const references = new References(scenario.fixtures);
    let target: Target | undefined;
    let stage: Stage | undefined;

    beforeAll(async () => {
      const settings = references.resolve(scenario.server as unknown as Json) as unknown as ServerSettings;
      target = await start(scenario, settings, (value) => references.resolve(value));
      stage = { connections: new Connections(scenario, target, references), references };
    });

    afterAll(async () => {
      console.info(`every certificate: ${profileReason}`);
      for (const [id, { reason }] of Object.entries(deviations)) console.info(`deviation ${id}: ${reason}`);
      stage?.connections[Symbol.dispose]();
      await target?.[Symbol.asyncDispose]();
    });

    it.each(scenario.cases.map((vector): [string, VectorCase] => [vector.id, vector]))("%s", async (id, vector) => {
      if (stage === undefined) throw new Error("the target did not start");
      await playCase(vector, stage, deviations[id]);
    });

    it("has no deviation without a case", () => {
      const known = new Set(scenario.cases.map(({ id }) => id));
      expect(Object.keys(deviations).filter((id) => !known.has(id))).toEqual([]);
    });
  });
}

const emptyScenario = { about: "", server: {} as ServerSettings, cases: [] };
