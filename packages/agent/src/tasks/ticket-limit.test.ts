// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { TicketLimit } from "./ticket-limit.ts";

it("ten refused tickets of one user are looked at, then one in two seconds; others are not held up", () => {
  const limit = new TicketLimit();
  const taken = (uid: number, at: number, attempts: number): number =>
    Array.from({ length: attempts }, () => limit.take(uid, at)).filter(Boolean).length;
  expect(taken(1000, 0, 50)).toBe(10);
  expect(taken(1001, 0, 5)).toBe(5);
  expect(taken(1000, 1900, 50)).toBe(0);
  expect(taken(1000, 4000, 50)).toBe(2);
  expect(taken(1000, 3_600_000, 50)).toBe(10);
});

it("a ticket that was good costs nothing", () => {
  const limit = new TicketLimit();
  for (let attempt = 0; attempt < 100; attempt += 1) {
    expect(limit.take(1000, 0)).toBe(true);
    limit.giveBack(1000);
  }
});

it("memory of users is bounded", () => {
  const limit = new TicketLimit();
  for (let uid = 0; uid < 10_000; uid += 1) limit.take(uid, 0);
  // The oldest is forgotten, which only helps him.
  expect(limit.take(0, 0)).toBe(true);
});
