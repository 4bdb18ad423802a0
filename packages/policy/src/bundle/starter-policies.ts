// SPDX-License-Identifier: Apache-2.0
import type { BundleTexts } from "./bundle-texts.ts";
import { writeManifest } from "./manifest.ts";

const policies: Readonly<Record<string, string>> = {
  "list-in-scope": `@why("A task sees the tools that its scope names.")
permit (principal is Task, action == Action::"list", resource)
when { context.scope.within };
`,
  "call-in-scope": `@why("A task may do what its scope allows and nobody has to be asked about.")
permit (principal is Task, action == Action::"call", resource)
when { context.scope.within && !context.scope.asks };
`,
  "call-approved": `@why("A person's approval of this very call lets pass what the scope lets be asked for.")
permit (principal is Task, action == Action::"call", resource)
when { context.scope.within || context.scope.asks }
when { context has approval };
`,
  "irreversible-needs-approval": `@why("What can't be undone needs an approval, by two people at T3.")
forbid (principal, action == Action::"call", resource)
when { !(["read", "reversible"].contains(context.effect)) }
unless { context has approval && (context.approval.approvers >= 2 || (context.tier != "T3" && context.approval.approvers >= 1)) };
`,
  "untrusted-needs-approval": `@why("An agent that read untrusted text changes nothing without an approval.")
forbid (principal, action == Action::"call", resource)
when { context has untrusted && context.untrusted && context.effect != "read" }
unless { context has approval };
`,
};

/**
 * What a new installation starts from: nothing but what a task's scope allows; what can't be undone needs an approval. Denies agents
 * outside of tasks and operators.
 */
export function starterPolicies(): BundleTexts {
  return { policies, manifest: writeManifest({ policies }, 1) };
}
