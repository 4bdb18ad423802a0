// SPDX-License-Identifier: Apache-2.0
import type { VerifiedPeer } from "@mayfly/spiffe";
import { judgeCall, type Task, type ToolCall } from "@mayfly/tasks";
import { type Decision, PolicyStore, Principal, readBundleFiles } from "../src/index.ts";

/** Puts the files of a policy directory in force. Where one of them is bad, the old set stays and `alarm` hears of it. */
export function reload(store: PolicyStore, files: Record<string, string>): boolean {
  return store.replace(() => readBundleFiles(files));
}

/** Empty: denies everything until the first `reload`. */
export function openStore(alarm: (code: string) => void): PolicyStore {
  return new PolicyStore((event) => void (event.kind === "refused" && alarm(event.error.code)));
}

/** First the task's scope, then the policies. Who asks is the peer of the verified connection. */
export function decide(store: PolicyStore, peer: VerifiedPeer, task: Task, call: ToolCall): Decision {
  return store.authorize({
    principal: Principal.ofTask(peer, { ...task, ancestors: task.parentId === undefined ? [] : [task.parentId] }),
    action: "call",
    tool: call,
    arguments: call.arguments,
    resources: call.resources,
    scope: judgeCall(task.scope, call),
    now: call.at,
  });
}
