// SPDX-License-Identifier: Apache-2.0
export { type GatewayPorts, type RunningGateway, startGateway } from "./start-gateway.ts";
export {
  type ConfigProblem,
  type GatewayConfig,
  parseGatewayConfig,
  type RawConfig,
} from "./config/gateway-config.ts";
export { describeGatewayConfig } from "./config/describe-gateway-config.ts";
export type { RegisteredServer, RegisteredTool, ToolRegister } from "./tools/tool-register.ts";
// Ports.
export type {
  AskedApproval,
  BegunCall,
  CallFacts,
  CallLedger,
  CallOutcome,
  Denial,
  PlainDecision,
  SeenTool,
} from "./ports/call-ledger.ts";
export type {
  CutConnection,
  CutReport,
  StandingOrder,
  StandingReceiver,
  TaskFeed,
  TaskStanding,
  ToldConnection,
} from "./ports/task-feed.ts";
export type { Clock } from "./clock.ts";
export { GatewayError, type GatewayErrorCode } from "./errors.ts";
