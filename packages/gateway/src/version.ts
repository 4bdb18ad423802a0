// SPDX-License-Identifier: Apache-2.0

/** What the gateway tells others of itself. */
export const gatewayVersion = "0.1.0";
