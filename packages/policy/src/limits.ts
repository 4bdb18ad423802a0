// SPDX-License-Identifier: Apache-2.0

/**
 * What is looked at. An evaluation can't be interrupted, so its length is bounded by the size of what goes in: figures in
 * `test/worst-case.test.ts`. Texts count UTF-16 code units.
 */
export const limits: {
  readonly policies: number;
  readonly policyLength: number;
  readonly policyDepth: number;
  readonly bundleLength: number;
  readonly schemaLength: number;
  readonly manifestLength: number;
  readonly argumentMembers: number;
  readonly argumentLength: number;
  readonly resources: number;
  readonly ancestors: number;
  readonly nameLength: number;
  readonly evaluations: number;
  readonly testCases: number;
} = {
  policies: 500,
  policyLength: 16_384,
  /** In levels of Cedar's JSON: two for an operator. The engine traps from some 600 on. */
  policyDepth: 256,
  bundleLength: 524_288,
  schemaLength: 65_536,
  manifestLength: 131_072,
  /** Of the declared arguments of a call, nested members and list items included, and the names of others. */
  argumentMembers: 512,
  /** Of all texts in them together. */
  argumentLength: 16_384,
  resources: 64,
  ancestors: 8,
  nameLength: 128,
  evaluations: 200,
  testCases: 2_000,
};
