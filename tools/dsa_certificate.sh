#!/usr/bin/env bash
# Makes the certificate of the bad server "dsa-certificate": a DSA leaf under an ECDSA CA. The
# leaf's key protects nothing and is public; the CA's is thrown away. Ends in 2056.
set -eu
cd "$(dirname "$0")/../securedata_lab/lesson05_tls_certificates/dsa_certificate"
days=11000

ca_key=$(mktemp)
request=$(mktemp)
trap 'rm -f "$ca_key" "$request"' EXIT

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$ca_key" \
  -days $days -subj "/CN=gallery CA" -out ca.pem \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"

openssl genpkey -genparam -algorithm DSA -pkeyopt pbits:2048 -pkeyopt qbits:256 |
  openssl genpkey -paramfile /dev/stdin -out key.pem
openssl req -new -key key.pem -subj "/CN=localhost" -out "$request" \
  -addext "basicConstraints=critical,CA:FALSE" -addext "keyUsage=critical,digitalSignature" \
  -addext "extendedKeyUsage=serverAuth" \
  -addext "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"
openssl x509 -req -in "$request" -copy_extensions copyall -CA ca.pem -CAkey "$ca_key" \
  -days $days -out leaf.pem
chmod 644 key.pem
