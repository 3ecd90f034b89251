"""Amazon Bedrock: the models of many vendors, asked by ConverseStream with AWS credentials or a Bedrock API key."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from chaffer.errors import ChafferError, Code
from chaffer.llm.aws_signature import AwsCredentials, KeyOrSignature
from chaffer.llm.bedrock_models import BedrockModels, ListingBedrock
from chaffer.llm.http_provider import Wiring, http_provider
from chaffer.llm.provider import Provider
from chaffer.llm.vendor import VendorConfig
from chaffer.llm.wires.converse import Converse

_REGION: Final = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}")
_AWS: Final = ".amazonaws.com"
_REMEDY: Final = (
    "Does AWS_REGION name a region that has Bedrock and the model? See health.aws.amazon.com, or choose another "
    "provider; `builtin` needs none."
)
_KEY_REMEDY: Final = (
    "Check the AWS credentials or the Bedrock API key and this machine's clock, that they may "
    "bedrock:InvokeModelWithResponseStream and, for the list of models, bedrock:ListFoundationModels or "
    "bedrock:ListInferenceProfiles, and that the account has access to the model."
)


def provider(config: VendorConfig) -> Provider:
    """Return Bedrock in the region of the config's extras, with the credentials of its profile or with its key.

    Raises LLM_PROVIDER_DISABLED without a region, or when its address is none.
    """
    region = config.extras.get("region", "")
    if not _REGION.fullmatch(region):
        message = f"{config.name} needs a region: set AWS_REGION, such as us-east-1. `builtin` needs none."
        raise ChafferError(Code.LLM_PROVIDER_DISABLED, message)
    credentials = AwsCredentials(config.name, config.extras.get("profile") or None, region, config.timeouts.connect)
    wiring = Wiring(
        config,
        config.base_url or f"https://bedrock-runtime.{region}{_AWS}",
        _REMEDY,
        KeyOrSignature(credentials, region, configured=config.key),
        headers={"accept": "application/vnd.amazon.eventstream, application/json"},
        key_remedy=_KEY_REMEDY,
    )
    wire = Converse()
    calls = http_provider(wiring, wire, "BEDROCK_BASE_URL")
    return ListingBedrock(calls, BedrockModels(wiring, wire, _listing(wiring.base_url, region)))


def _listing(base_url: str, region: str) -> str:
    """Return where the models are listed: AWS has another host for that, any other address has both."""
    is_at_aws = (urlsplit(base_url).hostname or "").endswith(_AWS)
    return f"https://bedrock.{region}{_AWS}" if is_at_aws else base_url
