// SPDX-License-Identifier: Apache-2.0
import type { Effect } from "@mayfly/tasks";

/** A tool as our own side knows it. What the tool says of itself (`annotations`, mappings) is not looked at. */
export interface RegisteredTool {
  readonly server: string;
  readonly tool: string;
  readonly effect: Effect;
  /** Paths of the arguments that name resources, members apart by dots. */
  readonly resourceArguments: readonly string[];
  /** What it returns may be anybody's words: an agent that has called it is not to be trusted as before. */
  readonly isUntrusted: boolean;
}

/** A tool server and the tools of it that may be called at all. */
export interface RegisteredServer {
  readonly name: string;
  readonly url: URL;
  /** Its exact SPIFFE ID. */
  readonly spiffeId: string;
  readonly tools: ReadonlyMap<string, RegisteredTool>;
}

/** Tool servers by name. */
export type ToolRegister = ReadonlyMap<string, RegisteredServer>;
