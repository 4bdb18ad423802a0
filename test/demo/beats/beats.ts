// SPDX-License-Identifier: Apache-2.0
import type { Beat } from "../story.ts";
import { attack } from "./attack.ts";
import { approve } from "./approve.ts";
import { delegate } from "./delegate.ts";
import { endTask } from "./end-task.ts";
import { listTools } from "./list-tools.ts";
import { openWorld } from "./open-world.ts";
import { query } from "./query.ts";
import { readRecord } from "./read-record.ts";
import { refund } from "./refund.ts";
import { retry } from "./retry.ts";
import { startTask } from "./start-task.ts";
import { withoutTask } from "./without-task.ts";

/** The story, in order; each stands on what those before it did. */
export const beats: readonly Beat[] = [
  openWorld,
  startTask,
  withoutTask,
  listTools,
  query,
  refund,
  approve,
  retry,
  delegate,
  endTask,
  readRecord,
  attack,
];
