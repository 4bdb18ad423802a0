// SPDX-License-Identifier: Apache-2.0
import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { forwardAbort } from "./forward-abort.ts";

it("passes on the reason of the first of its signals, also of one that is aborted already", () => {
  const reason = new Error("stop");
  const [one, other] = [new AbortController(), new AbortController()];
  const end = new AbortController();
  forwardAbort(end, [one.signal, undefined, other.signal]);
  other.abort(reason);
  one.abort(new Error("too late"));
  expect(end.signal.reason).toBe(reason);
  const late = new AbortController();
  forwardAbort(late, [other.signal]);
  expect(late.signal.reason).toBe(reason);
});

it("leaves the signals alone when it is told to", () => {
  const { signal } = new AbortController();
  const release = forwardAbort(new AbortController(), [signal, signal]);
  expect(getEventListeners(signal, "abort")).toHaveLength(2);
  release();
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
