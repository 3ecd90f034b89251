"""Bedrock for tests: credentials that show where they leak, a provider at a stand-in, the signature it must send."""

from __future__ import annotations

import hashlib
import hmac

from chaffer.llm.provider import Provider
from chaffer.llm.providers import bedrock
from chaffer.llm.vendor import VendorConfig
from tests.support.loopback import Loopback, Request

ACCESS, SECRET, TOKEN = "AKIDCANARY0451", "canary/secret+key0451", "canary-session-token-0451"
MODEL = "amazon.nova-lite-v1:0"


def provider_at(there: Loopback, key: str | None = None, profile: str = "") -> Provider:
    extras = {"region": "eu-central-1", "profile": profile}
    return bedrock.provider(VendorConfig("bedrock", base_url=there.url, key=key, extras=extras))


def signature_of(request: Request, secret: str, signed: str, scope: str) -> str:
    """Return the signature that a call must bear.

    Written from «Create a signed AWS API request» of the IAM user guide, apart from botocore.
    """
    path, _, query = request.target.partition("?")
    head = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in signed.split(";"))
    path = path.replace("%", "%25")  # Every service but S3 has the parts of its paths encoded twice.
    canonical = "\n".join((request.method, path, query, head, signed, hashlib.sha256(request.body).hexdigest()))
    told = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    to_sign = f"AWS4-HMAC-SHA256\n{request.headers['x-amz-date']}\n{scope}\n{told}"
    return hmac.new(key, to_sign.encode(), "sha256").hexdigest()
