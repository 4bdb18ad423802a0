// SPDX-License-Identifier: Apache-2.0
import { type LogSource, LogWriter, type LogWriterOptions, verifyLog, verifyReceipt } from "../src/index.ts";

/** Records an intent before the effect and its outcome after it; gives the receipt of the intent. */
export async function recorded(options: LogWriterOptions, effect: () => Promise<string>): Promise<string> {
  await using log = await LogWriter.open(options);
  const call = { v: 1, id: "c-1", kind: "call", actor: "spiffe://example.org/gateway", tool: "files.write" } as const;
  const at = (): string => new Date().toISOString();
  const index = await log.append({ ...call, phase: "intent", at: at(), decision: "allow", body: {} });
  await log.append({ ...call, phase: "outcome", at: at(), body: { result: await effect() } });
  return log.receipt(index);
}

/** What anyone can check with the log's vkey alone: one record, or the whole log against a checkpoint kept elsewhere. */
export async function checked(vkey: string, receipt: string, log: LogSource): Promise<string[]> {
  const { record } = verifyReceipt(receipt, vkey);
  const { problems } = await verifyLog(log, { vkey });
  return [record.id, ...problems.map(({ code, index }) => `${code} at ${String(index)}`)];
}
