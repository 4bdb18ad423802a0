// SPDX-License-Identifier: Apache-2.0

/** What the agent tells its server of itself. */
export const agentVersion = "0.1.0";
