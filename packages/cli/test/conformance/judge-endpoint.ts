// SPDX-License-Identifier: Apache-2.0
import { judgeAll } from "../../src/commands/workload/conformance/all-rows.ts";
import { Endpoint } from "../../src/commands/workload/conformance/endpoint.ts";
import type { Observation } from "../../src/commands/workload/conformance/observation.ts";
import { observe } from "../../src/commands/workload/conformance/observe.ts";
import type { JudgedRow, Verdict } from "../../src/commands/workload/conformance/row.ts";
import { type Defects, ModelEndpoint } from "./model-endpoint.ts";

/** Looks at a model; `seen` is what was seen, `model` the one that is gone now. */
export async function observeModel(
  defects: Defects = {},
  timeoutMs = 5_000,
): Promise<{ seen: Observation; model: ModelEndpoint }> {
  await using model = await ModelEndpoint.start(defects);
  const target = { who: "agent", address: `unix://${model.path}`, place: model.path } as const;
  using endpoint = new Endpoint(target, { timeoutMs, signal: new AbortController().signal });
  return { seen: await observe(endpoint, { audience: "conformance", waitMs: 400 }), model };
}

/** `id title` of the rows with this verdict. */
export function rowsWith(verdict: Verdict, rows: readonly JudgedRow[]): string[] {
  return rows.filter((row) => row.verdict === verdict).map(({ id, title }) => `${id} ${title}`);
}

/** `id title` of the rows that an observation breaks. */
export function brokenIn(seen: Observation): string[] {
  const rows = judgeAll(seen);
  return [...rowsWith("fail", rows), ...rowsWith("warn", rows)];
}
