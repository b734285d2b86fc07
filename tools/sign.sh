#!/usr/bin/env bash
# Signs a program for Windows with a certificate that is made on the spot, and verifies the signature: so that the
# program is known to be one that can be signed. For a release, sign it with a certificate that hosts trust:
#   CERTIFICATE=chain.pem KEY=key.pem tools/sign.sh bin/mullion-agent.exe
set -euo pipefail

program=${1:?which program?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! command -v osslsigncode >/dev/null; then
	echo "OSSLSIGNCODE IS MISSING: INSTALLING THE DEBIAN PACKAGE osslsigncode ON THIS MACHINE" >&2
	apt-get install --yes --no-install-recommends osslsigncode >&2
fi

certificate=${CERTIFICATE:-$work/certificate.pem}
key=${KEY:-$work/key.pem}
authority=${AUTHORITY:-$certificate}
if [[ -z ${CERTIFICATE:-} ]]; then
	openssl req -x509 -newkey rsa:3072 -noenc -days 7 -subj "/CN=Mullion test, not for release" \
		-addext "keyUsage=critical,digitalSignature" -addext "extendedKeyUsage=codeSigning" \
		-keyout "$key" -out "$certificate" 2>/dev/null
fi

osslsigncode sign -h sha256 -certs "$certificate" -key "$key" -n "Mullion host agent" \
	-in "$program" -out "$work/signed.exe" >/dev/null
osslsigncode verify -CAfile "$authority" -in "$work/signed.exe" >"$work/verified" || { cat "$work/verified" >&2; exit 1; }
if osslsigncode verify -CAfile "$authority" -in "$program" >/dev/null 2>&1; then
	echo "$program is signed already" >&2
	exit 1
fi
mv "$work/signed.exe" "${program%.exe}-signed.exe"
echo "${program%.exe}-signed.exe is signed, and the signature is verified"
