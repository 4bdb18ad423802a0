// SPDX-License-Identifier: Apache-2.0
import type { AuthorityStore, IssuanceLog } from "@mayfly/ca";
import type { BundleStore, EntryStore, JoinTokenStore, NodeStore, RevisionFeed } from "@mayfly/registration";

/** Name of the trust domain whose stores the suites ask for. */
export const contractTrustDomain = "example.org";

/** What a datastore offers: everything that the contract suites look at. */
export interface Stores extends AsyncDisposable {
  readonly entries: EntryStore;
  readonly nodes: NodeStore;
  readonly joinTokens: JoinTokenStore;
  readonly bundles: BundleStore;
  readonly authorities: AuthorityStore;
  readonly issuanceLog: IssuanceLog;
  readonly feed: RevisionFeed;
}

/** Opens empty stores of `contractTrustDomain`; each test opens its own and closes it. */
export type OpenStores = () => Promise<Stores>;
