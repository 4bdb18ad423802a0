// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode, NodeFilter, Page, PageRequest } from "@mayfly/registration";
import type { Connection } from "../sqlite/connection.ts";
import { pageLimit, pageStart, toPage } from "../sqlite/page.ts";
import { nodeCondition } from "./node-filter.ts";
import { selectNodes, toNode } from "./node-rows.ts";

export function get(db: Connection, id: string): AttestedNode | undefined {
  const row = db.first(selectNodes(db).where("nodes.id", "=", id));
  return row === undefined ? undefined : toNode(row);
}

export function list(db: Connection, { filter, page }: { filter: NodeFilter; page: PageRequest }): Page<AttestedNode> {
  const query = selectNodes(db)
    .where((eb) => nodeCondition(eb, filter))
    .where("nodes.row_id", ">", pageStart(page))
    .orderBy("nodes.row_id")
    .limit(pageLimit(page));
  return toPage(db.all(query), page, toNode);
}

export function count(db: Connection, filter: NodeFilter): number {
  const query = db.build
    .selectFrom("nodes")
    .select((eb) => eb.fn.countAll<number>().as("n"))
    .where((eb) => nodeCondition(eb, filter));
  return db.first(query)?.n ?? 0;
}
