// SPDX-License-Identifier: Apache-2.0
import {
  type AttestedNode,
  entryVersion,
  type RegistrationEntry,
  type StoredBundle,
  type VersionMap,
} from "@mayfly/registration";
import type { AuthorizedEntries } from "../views/authorized-entries.ts";
import type { LiveViews } from "../views/live-views.ts";
import { bundleVersion } from "./bundle-version.ts";

/** All that an agent should hold now. */
export interface AgentView {
  readonly revision: number;
  readonly entries: ReadonlyMap<string, RegistrationEntry>;
  readonly bundles: ReadonlyMap<string, StoredBundle>;
  readonly entryVersions: VersionMap;
  readonly bundleVersions: VersionMap;
}

/** Entries of the authorized set, the own bundle, and those that the entries federate with. */
export function viewOf(
  node: AttestedNode,
  { authorized, views, trustDomain }: { authorized: AuthorizedEntries; views: LiveViews; trustDomain: string },
): AgentView {
  const entries = authorized.of(node);
  const names = new Set([trustDomain]);
  for (const { federatesWith } of entries.values()) for (const name of federatesWith) names.add(name);
  const bundles = new Map<string, StoredBundle>();
  for (const name of names) {
    const bundle = views.bundle(name);
    if (bundle !== undefined) bundles.set(name, bundle);
  }
  return {
    revision: views.revision,
    entries,
    bundles,
    entryVersions: new Map([...entries].map(([id, entry]) => [id, entryVersion(entry)])),
    bundleVersions: new Map([...bundles].map(([name, bundle]) => [name, bundleVersion(bundle)])),
  };
}
