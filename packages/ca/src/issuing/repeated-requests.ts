// SPDX-License-Identifier: Apache-2.0
import type { IssuedX509, X509Request } from "../ports.ts";
import { RecentIssues } from "./recent-issues.ts";

/** One call's requests, with what makes them equal to others. */
export interface KeyedRequest {
  readonly request: X509Request;
  /** From `requestKey`; undefined = equal to none. */
  readonly key: string | undefined;
}

/** The state in which a call is answered. */
export interface AnswerContext {
  /** Unix milliseconds. */
  readonly now: number;
  /** Of the active authority. */
  readonly authorityId: string;
  issue(requests: readonly X509Request[]): Promise<readonly IssuedX509[]>;
}

/** A certificate that is being issued for a call, and its place in the answer. */
interface UnderWay {
  readonly issuing: Promise<readonly IssuedX509[]>;
  readonly place: number;
}

/** Gives equal requests the same certificate for a short time, also while it is being issued. */
export class RepeatedRequests {
  readonly #recent = new RecentIssues();
  readonly #underWay = new Map<string, UnderWay>();

  /** One answer for each request, in order; what is new is issued in one go. `repeated` tells how many were not. */
  async answer(
    requests: readonly KeyedRequest[],
    context: AnswerContext,
  ): Promise<{ readonly issued: readonly IssuedX509[]; readonly repeated: number }> {
    const fresh: KeyedRequest[] = [];
    const { promise: issuing, resolve } = Promise.withResolvers<readonly IssuedX509[]>();
    const sources = requests.map((each): IssuedX509 | UnderWay => {
      const known = each.key === undefined ? undefined : this.#find(each.key, context);
      if (known !== undefined) return known;
      const underWay = { issuing, place: fresh.push(each) - 1 };
      if (each.key !== undefined) this.#underWay.set(each.key, underWay);
      return underWay;
    });
    if (fresh.length > 0) resolve(this.#issue(fresh, context));
    // It may fail while the answer to another call is waited for.
    issuing.catch(() => undefined);
    return { issued: await collect(sources), repeated: requests.length - fresh.length };
  }

  #find(key: string, { authorityId, now }: AnswerContext): IssuedX509 | UnderWay | undefined {
    return this.#recent.find(key, authorityId, now) ?? this.#underWay.get(key);
  }

  async #issue(fresh: readonly KeyedRequest[], context: AnswerContext): Promise<readonly IssuedX509[]> {
    try {
      const issued = await context.issue(fresh.map(({ request }) => request));
      for (const [place, { key }] of fresh.entries()) {
        if (key !== undefined) this.#recent.remember(key, answerAt(issued, place), context.now);
      }
      return issued;
    } finally {
      for (const { key } of fresh) if (key !== undefined) this.#underWay.delete(key);
    }
  }
}

/** Waits once for each call that answers some of them. */
async function collect(sources: readonly (IssuedX509 | UnderWay)[]): Promise<IssuedX509[]> {
  const issued: IssuedX509[] = [];
  let from: UnderWay["issuing"] | undefined;
  let answers: readonly IssuedX509[] = [];
  for (const source of sources) {
    if (!("issuing" in source)) {
      issued.push(source);
      continue;
    }
    if (source.issuing !== from) {
      from = source.issuing;
      answers = await from;
    }
    issued.push(answerAt(answers, source.place));
  }
  return issued;
}

function answerAt(issued: readonly IssuedX509[], index: number): IssuedX509 {
  const answer = issued[index];
  if (answer === undefined) throw new TypeError("one answer for each request");
  return answer;
}
