// SPDX-License-Identifier: Apache-2.0
package test.mayfly;

import io.spiffe.bundle.jwtbundle.JwtBundleSet;
import io.spiffe.svid.jwtsvid.JwtSvid;
import io.spiffe.svid.x509svid.X509Svid;
import io.spiffe.workloadapi.DefaultWorkloadApiClient;
import io.spiffe.workloadapi.DefaultX509Source;
import io.spiffe.workloadapi.X509Source;
import java.time.Duration;
import java.util.Date;
import java.util.Set;

/** A java-spiffe workload: watch ROTATIONS | jwt AUDIENCE | validate AUDIENCE JWT (see ../go/main.go). */
public final class Client {
  private Client() {}

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "watch" -> watch(Integer.parseInt(args[1]));
      case "jwt" -> jwt(args[1]);
      case "validate" -> validate(args[1], args[2]);
      default -> throw new IllegalArgumentException("usage: client watch|jwt|validate ...");
    }
    System.exit(0);
  }

  private static void watch(int rotations) throws Exception {
    var options = DefaultX509Source.X509SourceOptions.builder().initTimeout(Duration.ofSeconds(30)).build();
    try (X509Source source = DefaultX509Source.newSource(options)) {
      Object serial = null;
      int seen = -1;
      while (seen < rotations) {
        X509Svid svid = source.getX509Svid();
        var leaf = svid.getLeaf();
        leaf.checkValidity(new Date());
        if (!leaf.getSerialNumber().equals(serial)) {
          serial = leaf.getSerialNumber();
          seen++;
          System.out.println("svid " + svid.getSpiffeId() + " " + serial + " " + leaf.getNotAfter().getTime() / 1000);
        }
        Thread.sleep(100);
      }
    }
  }

  private static void jwt(String audience) throws Exception {
    try (var client = DefaultWorkloadApiClient.newClient()) {
      System.out.println(client.fetchJwtSvid(audience).getToken());
    }
  }

  private static void validate(String audience, String token) throws Exception {
    try (var client = DefaultWorkloadApiClient.newClient()) {
      JwtBundleSet bundles = client.fetchJwtBundles();
      JwtSvid svid = JwtSvid.parseAndValidate(token, bundles, Set.of(audience));
      System.out.println(svid.getSpiffeId());
    }
  }
}
