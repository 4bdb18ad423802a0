// SPDX-License-Identifier: Apache-2.0
import type { Selector } from "@mayfly/registration";
import type { ProcessFacts, WorkloadAttestor } from "../ports.ts";
import { AccountNames } from "./account-names.ts";

/** What the `unix` attestor looks at beside user and groups. */
export interface UnixAttestorOptions {
  /** `unix:path:` of the running file; default true. */
  readonly path?: boolean | undefined;
  /** `unix:sha256:` of the running file; default true. */
  readonly sha256?: boolean | undefined;
  /** passwd(5); default `/etc/passwd`. */
  readonly passwdFile?: string | undefined;
  /** group(5); default `/etc/group`. */
  readonly groupFile?: string | undefined;
}

const type = "unix";

/**
 * Attests a process by what the kernel says of it. Selectors of type `unix`: `uid:`, `user:`, `gid:`, `group:` (effective ids),
 * `supplementary_gid:`, `supplementary_group:` for each group, `path:` and `sha256:` (lower-case hex) of the running file. A number without
 * a name in the account files has no `user:` or `group:`; a path that does not lead to the running file is left out.
 */
export function createUnixAttestor(options: UnixAttestorOptions = {}): WorkloadAttestor {
  const { path: withPath = true, sha256: withHash = true } = options;
  const users = new AccountNames(options.passwdFile ?? "/etc/passwd");
  const groups = new AccountNames(options.groupFile ?? "/etc/group");
  const attest = async (facts: ProcessFacts, wanted?: ReadonlySet<string>): Promise<readonly Selector[]> => {
    const [userNames, groupNames] = await Promise.all([users.current(), groups.current()]);
    // A hash costs a pass over the file: only where somebody will look at it.
    const hash = withHash && (wanted?.has("unix:sha256") ?? true) ? await facts.sha256() : undefined;
    const values = [
      `uid:${facts.uid}`,
      named("user", userNames.get(facts.uid)),
      `gid:${facts.gid}`,
      named("group", groupNames.get(facts.gid)),
      ...facts.supplementaryGids.flatMap((gid) => [
        `supplementary_gid:${gid}`,
        named("supplementary_group", groupNames.get(gid)),
      ]),
      withPath ? named("path", facts.path) : undefined,
      named("sha256", hash),
    ];
    return values.flatMap((value) => (value === undefined ? [] : [{ type, value }]));
  };
  return { type, attest };
}

function named(key: string, value: string | undefined): string | undefined {
  return value ? `${key}:${value}` : undefined;
}
