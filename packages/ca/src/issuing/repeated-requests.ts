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

/** Gives equal requests the same certificate for a short time, also while it is being issued. */
export class RepeatedRequests {
  readonly #recent = new RecentIssues();
  readonly #underWay = new Map<string, Promise<IssuedX509>>();

  /** One answer for each request, in order; what is new is issued in one go. `repeated` tells how many were not. */
  async answer(
    requests: readonly KeyedRequest[],
    context: AnswerContext,
  ): Promise<{ readonly issued: readonly IssuedX509[]; readonly repeated: number }> {
    const fresh: X509Request[] = [];
    const issuing = Promise.withResolvers<readonly IssuedX509[]>();
    const answers = requests.map(({ request, key }) => {
      const known = key === undefined ? undefined : this.#find(key, context);
      if (known !== undefined) return known;
      const place = fresh.push(request) - 1;
      const answer = issuing.promise.then((issued) => answerAt(issued, place));
      if (key !== undefined) this.#keep(key, answer, context.now);
      return answer;
    });
    if (fresh.length > 0) issuing.resolve(context.issue(fresh));
    return { issued: await Promise.all(answers), repeated: requests.length - fresh.length };
  }

  #find(key: string, { authorityId, now }: AnswerContext): Promise<IssuedX509> | undefined {
    const issued = this.#recent.find(key, authorityId, now);
    return issued === undefined ? this.#underWay.get(key) : Promise.resolve(issued);
  }

  #keep(key: string, answer: Promise<IssuedX509>, now: number): void {
    this.#underWay.set(key, answer);
    answer
      .then((issued) => this.#recent.remember(key, issued, now))
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(key));
  }
}

function answerAt(issued: readonly IssuedX509[], index: number): IssuedX509 {
  const answer = issued[index];
  if (answer === undefined) throw new TypeError("one answer for each request");
  return answer;
}
