// SPDX-License-Identifier: Apache-2.0
import type { Effect, ScopeVerdict } from "@mayfly/tasks";
import type { Principal } from "./principal.ts";

/** `call` a tool, or see it in the `list`. */
export type PolicyAction = "call" | "list";

/** A tool by our own register. */
export interface ToolFacts {
  /** Name of the tool server. */
  readonly server: string;
  readonly tool: string;
  readonly effect: Effect;
}

/** An approval that was verified for exactly this call and is being spent on it. */
export interface ApprovalFacts {
  readonly id: string;
  /** Different people who signed it. */
  readonly approvers: number;
}

/** What is asked. All but `arguments` and `resources` comes from our own side, never from the agent or the tool. */
export interface CallRequest {
  readonly principal: Principal;
  readonly action: PolicyAction;
  readonly tool: ToolFacts;
  /** JSON, from the body that the tool will get; `{}` for `list`. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Every resource that the call touches, in canonical form: another form is refused, not repaired. */
  readonly resources: readonly string[];
  /** `judgeCall`'s answer; for `list`: `inScope` = the tool is in the scope at all. */
  readonly scope: Pick<ScopeVerdict, "inScope" | "requestable">;
  readonly approval?: ApprovalFacts | undefined;
  /** A tool that returns anybody's words was called in the task's tree. Default: nothing is said of it. */
  readonly untrusted?: boolean | undefined;
  /** Our clock. */
  readonly now: Date;
}
