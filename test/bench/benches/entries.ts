// SPDX-License-Identifier: Apache-2.0
import { cpuSeconds, type Report, residentMib, since } from "../measure.ts";
import { createEntries, startTarget, type Target, trustDomain } from "../target.ts";

const total = 10_000;
const perCall = 50;
const parents = 100;

/** B6: 10,000 entries: rate of creation, memory, idle CPU. */
export async function entries(report: Report, name: Target["name"]): Promise<void> {
  await using target = await startTarget(name);
  const head = { bench: "entries", system: name };
  const started = performance.now();
  for (let first = 0; first < total; first += perCall) {
    const paths = Array.from({ length: perCall }, (_item, index) => `/entry-${first + index}`);
    await createEntries(target.admin, `spiffe://${trustDomain}/parent-${(first / perCall) % parents}`, paths);
  }
  report.add({ ...head, figure: "entries created", value: total / (since(started) / 1_000), unit: "/s", target: "" });
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const resident = residentMib(target.serverPid);
  report.add({ ...head, figure: "10,000 entries, server RSS", value: resident, unit: "MiB", target: "<= 250" });
  const cpu = cpuSeconds(target.serverPid);
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  const share = ((cpuSeconds(target.serverPid) - cpu) / 20) * 100;
  report.add({ ...head, figure: "the same, idle CPU", value: share, unit: "% of a core", target: "" });
  await target.restartServer();
  report.add({
    ...head,
    figure: "RSS after a restart",
    value: residentMib(target.serverPid),
    unit: "MiB",
    target: "<= 250",
  });
}
