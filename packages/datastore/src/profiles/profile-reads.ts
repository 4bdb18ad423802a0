// SPDX-License-Identifier: Apache-2.0
import type { AgentProfile } from "@mayfly/tasks";
import type { Connection } from "../sqlite/connection.ts";
import { findProfile, toProfile } from "./profile-rows.ts";

export function get(db: Connection, name: string): AgentProfile | undefined {
  return findProfile(db, name);
}

export function list(db: Connection, _all: null): readonly AgentProfile[] {
  return db.all(db.build.selectFrom("profiles").selectAll().orderBy("name")).map(toProfile);
}
