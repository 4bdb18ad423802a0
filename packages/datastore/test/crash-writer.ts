// SPDX-License-Identifier: Apache-2.0
import { createHash, randomUUID } from "node:crypto";
import { type Datastore, openDatastore } from "../src/index.ts";
import { acknowledge } from "./acknowledge.ts";

// Run as a process of its own: `crash-writer.ts <file> <round>`. Writes without end and says on standard output what was acknowledged,
// one line each, until it is killed.

const [file = "", round = ""] = process.argv.slice(2);
const now = new Date();

async function writeEntries(store: Datastore): Promise<never> {
  for (;;) {
    const id = randomUUID();
    const created = await store.entries.create(
      {
        id,
        spiffeId: `spiffe://example.org/${id}`,
        parentId: "spiffe://example.org/a",
        selectors: [{ type: "unix", value: "uid:1" }],
        x509SvidTtl: 0,
        jwtSvidTtl: 0,
        federatesWith: [],
        admin: false,
        downstream: false,
        expiresAt: 0,
        dnsNames: ["a"],
        storeSvid: false,
        hint: "",
      },
      now,
    );
    acknowledge(`entry ${id} ${"revision" in created ? created.revision : "none"}`);
  }
}

async function spendTokens(store: Datastore): Promise<never> {
  for (;;) {
    const hash = createHash("sha256").update(randomUUID()).digest("hex");
    await store.joinTokens.create({ hash, expiresAt: 4e9, retryWithSameKey: false });
    const { outcome } = await store.joinTokens.consume(hash, "key", now);
    acknowledge(`spent ${hash} ${outcome}`);
  }
}

async function appendBatches(store: Datastore, authority: string): Promise<never> {
  for (;;) {
    const text = randomUUID();
    const index = await store.issuanceLog.append(authority, Buffer.from(text), 1);
    acknowledge(`batch ${authority} ${index} ${text}`);
  }
}

const store = await openDatastore({ file, trustDomain: "example.org" });
acknowledge(`open ${round}`);
await Promise.all([
  ...Array.from({ length: 8 }, () => writeEntries(store)),
  ...Array.from({ length: 8 }, () => spendTokens(store)),
  ...Array.from({ length: 4 }, (_, n) => appendBatches(store, `authority-${n % 2}`)),
]);
