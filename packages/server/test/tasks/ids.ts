// SPDX-License-Identifier: Apache-2.0

export const gatewayId = "spiffe://example.org/gateway";
export const brokerId = "spiffe://example.org/broker";
