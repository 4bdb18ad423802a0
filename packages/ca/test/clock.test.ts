// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { ManualClock } from "./support/manual-clock.ts";
import { issueOne, openTestService, readIntents, refusalOf, requestFor } from "./support/test-service.ts";

const hour = 3600;
const jwt = { spiffeId: "spiffe://example.org/a", audience: ["b"], ttlSeconds: 0, requester: "local" };

describe("the signer and time", () => {
  it("ISS-D03 signs nothing with an authority that has ended, is not ready, and says so", async () => {
    const { service, clock, log, alarms } = await openTestService();
    expect(service.problem()).toBeUndefined();
    clock.advance(24 * hour);
    expect(await refusalOf(() => issueOne(service, requestFor("a")))).toBe("SIGNER_AUTHORITY_EXPIRED");
    expect(await refusalOf(() => service.signer.issueJwt(jwt))).toBe("SIGNER_AUTHORITY_EXPIRED");
    expect(service.problem()).toBe("SIGNER_AUTHORITY_EXPIRED");
    expect(alarms).toEqual(["authority_expired", "authority_expired"]);
    expect(await readIntents(log)).toEqual([]);
  });

  it("ISS-D04 with three minutes left gives out three minutes", async () => {
    const { service, clock } = await openTestService();
    clock.advance(24 * hour - 180);
    const authorityEnd = service.authorities.slots("x509").active?.notAfter;
    expect((await issueOne(service, requestFor("a", { ttlSeconds: hour }))).notAfter).toEqual(authorityEnd);
    const token = await service.signer.issueJwt({ ...jwt, ttlSeconds: hour });
    expect(token.expiresAt.getTime()).toBeLessThanOrEqual(
      service.authorities.slots("jwt").active?.notAfter.getTime() ?? 0,
    );
  });

  it("ISS-D05 signs nothing while the clock stands two hours back, and afterwards no serial comes twice and nothing is dated back", async () => {
    const { service, clock, log, alarms } = await openTestService();
    clock.advance(hour);
    const first = await issueOne(service, requestFor("a"));
    clock.step(-2 * hour);
    for (let i = 0; i < 10; i++) {
      clock.advance(1);
      expect(await refusalOf(() => issueOne(service, requestFor("a")))).toBe("SIGNER_CLOCK_UNTRUSTED");
    }
    expect(service.problem()).toBe("SIGNER_CLOCK_UNTRUSTED");
    expect(alarms).toEqual(["clock_stepped"]);
    clock.step(2 * hour);
    const second = await issueOne(service, requestFor("a"));
    expect(second.notBefore >= first.notBefore).toBe(true);
    expect(second.serialNumber).not.toBe(first.serialNumber);
    expect(await readIntents(log)).toHaveLength(2);
  });

  it("ISS-D05 over a small step back goes on, with time standing still", async () => {
    const { service, clock } = await openTestService();
    clock.advance(100);
    const first = await issueOne(service, requestFor("a"));
    clock.step(-25);
    expect((await issueOne(service, requestFor("b"))).notBefore).toEqual(first.notBefore);
  });

  it("ISS-D06 a jump of a year and back leaves authorities and bundle as they were", async () => {
    const { service, store, clock } = await openTestService({ ttls: { authoritySeconds: 60 } });
    const bundle = store.bundle();
    const controller = new AbortController();
    const running = service.run(controller.signal);
    clock.step(365 * 24 * hour);
    for (let i = 0; i < 5; i++) {
      expect(await refusalOf(() => issueOne(service, requestFor("a")))).toBe("SIGNER_CLOCK_UNTRUSTED");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    clock.step(-365 * 24 * hour);
    expect(store.bundle()).toEqual(bundle);
    expect(await refusalOf(() => issueOne(service, requestFor("a")))).toBe("done");
    controller.abort();
    await running;
  });
});

describe("a restart", () => {
  it("ISS-D05 ISS-D06 with the clock far behind its authorities signs nothing for five minutes, then makes new ones by itself", async () => {
    const first = await openTestService();
    const clock = new ManualClock(new Date(first.clock.now().getTime() - 365 * 24 * hour * 1000));
    const { store, keys, log } = first;
    const { service } = await openTestService({ store, keys, log, clock });
    expect(service.problem()).toBe("SIGNER_CLOCK_UNTRUSTED");
    expect(await refusalOf(() => issueOne(service, requestFor("a")))).toBe("SIGNER_CLOCK_UNTRUSTED");
    const before = service.authorities.slots("x509").active?.id;
    clock.advance(300);
    const controller = new AbortController();
    const running = service.run(controller.signal);
    await expect.poll(() => service.problem()).toBeUndefined();
    expect(service.authorities.slots("x509").active?.id).not.toBe(before);
    expect(await refusalOf(() => issueOne(service, requestFor("a")))).toBe("done");
    controller.abort();
    await running;
  });
});
