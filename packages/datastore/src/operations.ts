// SPDX-License-Identifier: Apache-2.0
import * as authorityReads from "./authorities/authority-reads.ts";
import * as authorityWrites from "./authorities/authority-writes.ts";
import * as bundleReads from "./bundles/bundle-reads.ts";
import * as bundleWrites from "./bundles/bundle-writes.ts";
import * as entryReads from "./entries/entry-reads.ts";
import * as entryWrites from "./entries/entry-writes.ts";
import * as feedReads from "./feed/feed-reads.ts";
import * as issuanceReads from "./issuance-log/issuance-reads.ts";
import * as issuanceWrites from "./issuance-log/issuance-writes.ts";
import * as joinTokenWrites from "./join-tokens/join-token-writes.ts";
import * as nodeReads from "./nodes/node-reads.ts";
import * as nodeWrites from "./nodes/node-writes.ts";

/** Operations that only read: every exported function of these modules, `(db, args) => value`. */
export interface Reads {
  readonly authorities: typeof authorityReads;
  readonly bundles: typeof bundleReads;
  readonly entries: typeof entryReads;
  readonly feed: typeof feedReads;
  readonly issuance: typeof issuanceReads;
  readonly nodes: typeof nodeReads;
}

/** Operations that write: every exported function of these modules, `(tx, args) => value`. */
export interface Writes {
  readonly authorities: typeof authorityWrites;
  readonly bundles: typeof bundleWrites;
  readonly entries: typeof entryWrites;
  readonly issuance: typeof issuanceWrites;
  readonly joinTokens: typeof joinTokenWrites;
  readonly nodes: typeof nodeWrites;
}

/** What the worker can do. */
export const operations: { readonly read: Reads; readonly write: Writes } = {
  read: {
    authorities: authorityReads,
    bundles: bundleReads,
    entries: entryReads,
    feed: feedReads,
    issuance: issuanceReads,
    nodes: nodeReads,
  },
  write: {
    authorities: authorityWrites,
    bundles: bundleWrites,
    entries: entryWrites,
    issuance: issuanceWrites,
    joinTokens: joinTokenWrites,
    nodes: nodeWrites,
  },
};
