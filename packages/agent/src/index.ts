// SPDX-License-Identifier: Apache-2.0
export {
  type AgentConfig,
  type ConfigProblem,
  type NodeMethod,
  parseAgentConfig,
  type RawConfig,
} from "./config/agent-config.ts";
export { describeAgentConfig } from "./config/describe-agent-config.ts";
export { AgentError, type AgentErrorCode } from "./errors.ts";
export { type RunningAgent, startAgent } from "./start-agent.ts";
