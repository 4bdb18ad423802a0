// SPDX-License-Identifier: Apache-2.0

/**
 * What is looked at. An evaluation can't be interrupted, so its length is bounded by the size of what goes in: figures in
 * `test/worst-case.test.ts`. Texts count UTF-16 code units.
 */
export const limits: {
  readonly policies: number;
  readonly policyLength: number;
  readonly bundleLength: number;
  readonly schemaLength: number;
  readonly manifestLength: number;
  readonly argumentMembers: number;
  readonly argumentDepth: number;
  readonly argumentLength: number;
  readonly resources: number;
  readonly ancestors: number;
  readonly nameLength: number;
  readonly evaluations: number;
  readonly testCases: number;
} = {
  policies: 500,
  policyLength: 16_384,
  bundleLength: 524_288,
  schemaLength: 65_536,
  manifestLength: 131_072,
  /** Of all arguments of a call, nested members and list items included. */
  argumentMembers: 512,
  argumentDepth: 8,
  /** Of all texts and names in the arguments together. */
  argumentLength: 65_536,
  resources: 64,
  ancestors: 8,
  nameLength: 128,
  evaluations: 200,
  testCases: 2_000,
};
