// SPDX-License-Identifier: Apache-2.0
//! A rust-spiffe workload: watch ROTATIONS | jwt AUDIENCE | validate AUDIENCE JWT (see ../go/main.go).

use std::error::Error;
use std::time::Duration;

use spiffe::{JwtSvid, WorkloadApiClient, X509Source};
use x509_parser::prelude::{FromDer, X509Certificate};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["watch", rotations] => watch(rotations.parse()?).await,
        ["jwt", audience] => {
            let client = WorkloadApiClient::connect_env().await?;
            println!("{}", client.fetch_jwt_token([*audience], None).await?);
            Ok(())
        }
        ["validate", audience, token] => {
            let client = WorkloadApiClient::connect_env().await?;
            let bundles = client.fetch_jwt_bundles().await?;
            let svid = JwtSvid::parse_and_validate(token, &bundles, &[*audience])?;
            println!("{}", svid.spiffe_id());
            Ok(())
        }
        _ => Err("usage: client watch|jwt|validate ...".into()),
    }
}

async fn watch(rotations: i64) -> Result<(), Box<dyn Error>> {
    let source = X509Source::new().await?;
    let mut serial = String::new();
    let mut seen = -1;
    while seen < rotations {
        let svid = source.svid()?;
        let leaf = svid.leaf();
        let (_, certificate) = X509Certificate::from_der(leaf.as_bytes())?;
        if !certificate.validity().is_valid() {
            return Err(format!("gap: holding serial {} past its end", certificate.raw_serial_as_string()).into());
        }
        if certificate.raw_serial_as_string() != serial {
            serial = certificate.raw_serial_as_string();
            seen += 1;
            println!("svid {} {} {}", svid.spiffe_id(), serial, certificate.validity().not_after.timestamp());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
