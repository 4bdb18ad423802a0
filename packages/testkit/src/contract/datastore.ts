// SPDX-License-Identifier: Apache-2.0
import { authorityStoreContract } from "./authority-store.ts";
import { bundleStoreContract } from "./bundle-store.ts";
import { entryFilterContract } from "./entry-filter.ts";
import { entryStoreContract } from "./entry-store.ts";
import { issuanceLogContract } from "./issuance-log.ts";
import { joinTokenStoreContract } from "./join-token-store.ts";
import { nodeStoreContract } from "./node-store.ts";
import { revisionFeedContract } from "./revision-feed.ts";
import type { OpenStores } from "./stores.ts";

/** All suites that a datastore has to pass, whatever is below it. Call it inside a `describe` that names the implementation. */
export function datastoreContract(open: OpenStores): void {
  entryStoreContract(open);
  entryFilterContract(open);
  nodeStoreContract(open);
  joinTokenStoreContract(open);
  bundleStoreContract(open);
  authorityStoreContract(open);
  issuanceLogContract(open);
  revisionFeedContract(open);
}
