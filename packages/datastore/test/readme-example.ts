// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import { openDatastore } from "../src/index.ts";

/** Registers `entry`; gives the outcome and what the feed said meanwhile. */
export async function register(
  file: string,
  entry: Omit<RegistrationEntry, "revisionNumber" | "createdAt">,
): Promise<string[]> {
  await using store = await openDatastore({ file, trustDomain: "example.org" });
  const seen: string[] = [];
  store.feed.subscribe(({ revision, changes }) => {
    for (const change of changes) if (change.kind === "entry") seen.push(`${revision}: ${change.id}`);
  });
  const created = await store.entries.create(entry, new Date());
  return [created.outcome, ...seen];
}
