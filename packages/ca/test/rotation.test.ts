// SPDX-License-Identifier: Apache-2.0
import { Certificate } from "@mayfly/x509";
import { describe, expect, it } from "vitest";
import { Authorities, type AuthorityKind, type CanActivate, MemoryKeyStore } from "../src/index.ts";
import { Rotation } from "../src/authorities/rotation.ts";
import { TrustedTime } from "../src/trusted-time.ts";
import { ManualClock } from "./support/manual-clock.ts";
import { MemoryAuthorityStore } from "./support/memory-ports.ts";
import { issueOne, leafOf, openTestService, requestFor } from "./support/test-service.ts";

interface Rotating {
  readonly authorities: Authorities;
  readonly rotation: Rotation;
  readonly store: MemoryAuthorityStore;
  readonly keys: MemoryKeyStore;
  readonly clock: ManualClock;
  readonly alarms: string[];
}

async function openRotating(
  ttlSeconds: number,
  canActivate: CanActivate = () => true,
  store: MemoryAuthorityStore = new MemoryAuthorityStore(),
): Promise<Rotating> {
  const keys = new MemoryKeyStore();
  const clock = new ManualClock();
  const alarms: string[] = [];
  const ignore = (): void => undefined;
  const logger = { info: ignore, warn: ignore, error: (event: string) => void alarms.push(event) };
  const time = new TrustedTime(clock, logger);
  const authorities = await Authorities.open({
    trustDomain: "example.org",
    store,
    keys,
    time,
    logger,
    ttlSeconds,
  });
  const rotation = new Rotation({ authorities, time, logger, canActivate });
  await rotation.ensureActive();
  return { authorities, rotation, store, keys, clock, alarms };
}

function ids(authorities: Authorities, kind: AuthorityKind): (string | undefined)[] {
  const { active, prepared, old } = authorities.slots(kind);
  return [active?.id, prepared?.id, old?.id];
}

describe("rotation", () => {
  it("prepares at half of life, activates at five sixths, and prunes after the end", async () => {
    const { authorities, rotation, store, clock, alarms } = await openRotating(86_400);
    const [first] = ids(authorities, "x509");
    expect((await rotation.pass()).getTime() - clock.now().getTime()).toBe(43_200_000);
    clock.advance(43_199);
    await rotation.pass();
    expect(ids(authorities, "x509")).toEqual([first, undefined, undefined]);
    clock.advance(1);
    expect((await rotation.pass()).getTime() - clock.now().getTime()).toBe(28_800_000);
    const second = authorities.slots("x509").prepared?.id;
    expect(ids(authorities, "x509")).toEqual([first, second, undefined]);
    expect(store.bundle().x509).toHaveLength(2);
    clock.advance(28_800);
    await rotation.pass();
    expect(ids(authorities, "x509")).toEqual([second, undefined, first]);
    expect(ids(authorities, "jwt")[1]).toBeUndefined();
    clock.advance(14_400 + 86_431);
    await rotation.pass();
    await rotation.pass();
    expect(authorities.slots("x509").records.map(({ id }) => id)).not.toContain(first);
    expect(store.bundle().x509).toHaveLength(authorities.slots("x509").records.length);
    expect(alarms).toEqual(expect.not.arrayContaining(["authority_rotation_failed"]));
  });

  it("FED-19 FED-20 every minute, for a quarter of an hour: what signs was published 15 s before, and is in the bundle as long as what it signed lives", async () => {
    const { service, store, clock, alarms } = await openTestService({
      ttls: { authoritySeconds: 60, x509SvidSeconds: 40 },
    });
    const { authorities } = service;
    const rotation = new Rotation({
      authorities,
      time: new TrustedTime(clock, { info: () => undefined, warn: () => undefined, error: () => undefined }),
      logger: { info: () => undefined, warn: () => undefined, error: (event) => void alarms.push(event) },
      canActivate: () => true,
    });
    const published = new Map<string, number>(store.bundle().x509.map((hex) => [hex, -100]));
    const living: { leaf: Certificate; issuer: string }[] = [];
    const signers = new Set<string>();
    for (let second = 0; second < 900; second++) {
      await rotation.pass();
      for (const hex of store.bundle().x509) if (!published.has(hex)) published.set(hex, second);
      const leaf = leafOf(await issueOne(service, requestFor("a")));
      const issuer = Buffer.from(authorities.slots("x509").active?.certificate ?? []).toString("hex");
      expect(leaf.isSignedBy(Certificate.parse(Buffer.from(issuer, "hex")))).toBe(true);
      expect(second - (published.get(issuer) ?? second)).toBeGreaterThanOrEqual(15);
      expect((leaf.notAfter.getTime() - clock.now().getTime()) / 1000).toBeGreaterThanOrEqual(9);
      signers.add(issuer);
      living.push({ leaf, issuer });
      const bundle = new Set(store.bundle().x509);
      for (const each of living) if (each.leaf.notAfter >= clock.now()) expect(bundle.has(each.issuer)).toBe(true);
      expect(bundle.size).toBeLessThan(10);
      clock.advance(1);
    }
    expect(signers.size).toBeGreaterThanOrEqual(15);
    expect(alarms).toEqual([]);
  });

  it("waits for the acknowledgement, and tells the deadline", async () => {
    let acknowledged = false;
    const asked: number[] = [];
    const { authorities, rotation, clock, alarms } = await openRotating(600, (_authority, { deadline }) => {
      asked.push((deadline.getTime() - clock.now().getTime()) / 1000);
      return acknowledged;
    });
    const [first] = ids(authorities, "x509");
    clock.advance(300);
    await rotation.pass();
    expect(asked).toEqual([]);
    clock.advance(200);
    await rotation.pass();
    expect(asked).toEqual([50, 50]);
    expect(ids(authorities, "x509")[0]).toBe(first);
    acknowledged = true;
    await rotation.pass();
    expect(ids(authorities, "x509")[2]).toBe(first);
    expect(alarms).toEqual([]);
  });

  it("does not wait for stragglers beyond the deadline, and raises an alarm", async () => {
    const { authorities, rotation, clock, alarms } = await openRotating(600, async () => false);
    const [first] = ids(authorities, "jwt");
    clock.advance(300);
    await rotation.pass();
    clock.advance(249);
    await rotation.pass();
    expect(ids(authorities, "jwt")[0]).toBe(first);
    clock.advance(1);
    await rotation.pass();
    expect(ids(authorities, "jwt")[2]).toBe(first);
    expect(alarms).toEqual(["authority_activated_unacknowledged", "authority_activated_unacknowledged"]);
  });

  it("takes a question that fails for a no, not for the end", async () => {
    const { authorities, rotation, clock, alarms } = await openRotating(600, () => {
      throw new RangeError("nobody knows");
    });
    const [first] = ids(authorities, "x509");
    clock.advance(500);
    await rotation.pass();
    expect(ids(authorities, "x509")[0]).toBe(first);
    clock.advance(50);
    await rotation.pass();
    expect(ids(authorities, "x509")[2]).toBe(first);
    expect(alarms).toHaveLength(2);
  });

  it("after a long pause makes a new authority at once, or takes the prepared one when it is good", async () => {
    const { authorities, rotation, clock, alarms } = await openRotating(600);
    clock.advance(300);
    await rotation.pass();
    const prepared = authorities.slots("x509").prepared?.id;
    clock.advance(400);
    await rotation.pass();
    expect(authorities.slots("x509").active?.id).toBe(prepared);
    clock.advance(7200);
    await rotation.pass();
    const active = authorities.slots("x509").active;
    expect(active?.id).not.toBe(prepared);
    expect(active && active.notAfter > clock.now()).toBe(true);
    expect(alarms.filter((event) => event === "authority_not_valid_now")).toHaveLength(4);
  });

  it("keeps its authorities over a restart, and makes new ones when the keys are gone", async () => {
    const first = await openRotating(600);
    const again = await Authorities.open({
      trustDomain: "example.org",
      store: first.store,
      keys: first.keys,
      time: new TrustedTime(first.clock, { info: () => undefined, warn: () => undefined, error: () => undefined }),
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      ttlSeconds: 600,
    });
    expect(again.active("x509")?.record.id).toBe(first.authorities.slots("x509").active?.id);
    const lost = await openRotating(600, () => true, first.store);
    expect(lost.alarms).toEqual(["authority_key_lost", "authority_key_lost"]);
    expect(lost.authorities.slots("x509").old?.id).toBe(first.authorities.slots("x509").active?.id);
    expect(first.store.bundle().x509).toHaveLength(2);
  });

  it("prepares another when the prepared one would end first", async () => {
    const { authorities, rotation, clock } = await openRotating(600);
    const early = await authorities.prepare("x509");
    clock.advance(400);
    await rotation.pass();
    expect(authorities.slots("x509").prepared?.id).not.toBe(early.id);
  });
});
