// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Beat } from "../story.ts";

/** The task's tier asks for it. */
const maxSvidMinutes = 5;

/** A task starts, and a process becomes its agent. */
export const startTask: Beat = {
  title: "dana starts a task; one process redeems its ticket and has an identity for this task alone",
  async run(story) {
    const { world } = story;
    const task = await world.startTask();
    const bot = world.startBot(task.ticketFile);
    const { id, pem, not_after: notAfter } = await bot.ask({ do: "svid" });
    equal(id, task.spiffe_id);
    const words = ["x509", "-noout", "-serial", "-ext", "subjectAltName"];
    const seen = world.openssl(words, String(pem));
    const uris = [...seen.matchAll(/(?:URI|DNS|IP Address|email):\S+/g)].map(([name]) => name);
    deepEqual(uris, [`URI:${task.spiffe_id}`], "the certificate names more or other than the task");
    const minutes = (Date.parse(String(notAfter)) - Date.now()) / 60_000;
    ok(minutes > 0 && minutes <= maxSvidMinutes, `the certificate lives for ${String(minutes)} minutes`);
    const serial = (/serial=([0-9A-F]+)/.exec(seen)?.[1] ?? "").toLowerCase();
    story.set("task", task);
    story.set("bot", bot);
    story.set("serial", serial);
    return [
      "$ mayfly task start --agent ir-bot --owner dana --scope incident.json --ttl 10m --ticket-file ticket",
      `task ${task.id}, tier ${task.tier}: orders/query, orders/refund up to 50`,
      "$ mayfly task exec --ticket-file ticket -- ir-bot",
      `openssl x509: ${uris[0] ?? ""}, and no other name`,
      `serial ${serial}, ends in ${minutes.toFixed(1)} min`,
    ];
  },
};
