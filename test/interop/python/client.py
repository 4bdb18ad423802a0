# SPDX-License-Identifier: Apache-2.0
"""A py-spiffe workload: watch ROTATIONS | jwt AUDIENCE | validate AUDIENCE JWT (see ../go/main.go)."""

import sys
import time
from datetime import datetime, timezone

from spiffe import JwtSource, JwtSvid, WorkloadApiClient, X509Source


def watch(rotations: int) -> None:
    with X509Source(timeout_in_seconds=30) as source:
        serial, seen = None, -1
        while seen < rotations:
            svid = source.get_x509_context().default_svid
            now = datetime.now(timezone.utc)
            if not svid.leaf.not_valid_before_utc <= now <= svid.leaf.not_valid_after_utc:
                sys.exit(f"gap: holding serial {svid.leaf.serial_number} past {svid.leaf.not_valid_after_utc}")
            if svid.leaf.serial_number != serial:
                serial = svid.leaf.serial_number
                seen += 1
                print("svid", svid.spiffe_id, serial, int(svid.leaf.not_valid_after_utc.timestamp()), flush=True)
            time.sleep(0.1)


def jwt(audience: str) -> None:
    with JwtSource(timeout_in_seconds=30) as source:
        print(source.fetch_svid(audience={audience}).token)


def validate(audience: str, token: str) -> None:
    with WorkloadApiClient() as client:
        bundles = client.fetch_jwt_bundles()
        trust_domain = JwtSvid.parse_insecure(token, {audience}).spiffe_id.trust_domain
        bundle = bundles.get_bundle_for_trust_domain(trust_domain)
        print(JwtSvid.parse_and_validate(token, bundle, {audience}).spiffe_id)


if __name__ == "__main__":
    mode, *arguments = sys.argv[1:]
    if mode == "watch":
        watch(int(arguments[0]))
    elif mode == "jwt":
        jwt(arguments[0])
    elif mode == "validate":
        validate(arguments[0], arguments[1])
    else:
        sys.exit("usage: client.py watch|jwt|validate ...")
