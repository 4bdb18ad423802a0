// SPDX-License-Identifier: Apache-2.0
import {
  mayflyAccountsService,
  mayflyApprovalsService,
  mayflyCallsService,
  mayflyGuardsService,
  mayflyLeasesService,
  mayflyProfilesService,
  mayflyRecordsService,
  mayflyTasksService,
  mayflyTicketsService,
  type ServedService,
} from "@mayfly/rpc";
import type { TaskLayer } from "../../../tasks/task-layer.ts";
import type { Connection } from "../../../transport/connection.ts";
import type { Guard } from "../../guard.ts";
import { accountsHandlers } from "./accounts-service.ts";
import { approvalsHandlers } from "./approvals-service.ts";
import { callsHandlers } from "./calls-service.ts";
import { guardsHandlers, ticketsHandlers } from "./guard-services.ts";
import { leasesHandlers } from "./leases-service.ts";
import { profilesHandlers } from "./profiles-service.ts";
import { recordsHandlers } from "./records-service.ts";
import { tasksHandlers } from "./tasks-service.ts";

/** All of mayfly.task.v1 that people use, on both listeners. */
export function taskServices(guard: Guard, layer: TaskLayer): readonly ServedService<Connection>[] {
  return [
    guard.protect(mayflyTasksService, tasksHandlers(layer)),
    guard.protect(mayflyApprovalsService, approvalsHandlers(layer)),
    guard.protect(mayflyProfilesService, profilesHandlers(layer)),
    guard.protect(mayflyLeasesService, leasesHandlers(layer)),
    guard.protect(mayflyAccountsService, accountsHandlers(layer)),
    guard.protect(mayflyRecordsService, recordsHandlers(layer)),
  ];
}

/** What guards use, on the TCP listener. */
export function guardServices(guard: Guard, layer: TaskLayer): readonly ServedService<Connection>[] {
  return [
    guard.protect(mayflyTicketsService, ticketsHandlers(layer)),
    guard.protect(mayflyGuardsService, guardsHandlers(layer)),
    guard.protect(mayflyCallsService, callsHandlers(layer)),
  ];
}
