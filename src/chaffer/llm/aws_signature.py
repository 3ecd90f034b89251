"""How a call to AWS shows that we may make it: signed with credentials that botocore finds, or with a key in its head.

botocore is imported, and looks for credentials and renews them, in a thread: both may take seconds. What it finds is
shown nowhere; it logs signatures' input and its own answers at DEBUG, which is switched off here.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from chaffer.errors import ChafferError, Code
from chaffer.llm.authorization import Call, KeyInHead
from chaffer.llm.faults import UnaskedError

KEPT_SECONDS: Final = 60.0
"""botocore renews credentials that expire ten minutes before they do, so these are good for longer than this."""

_SERVICE: Final = "bedrock"
_SIGNED: Final = ("host", "content-type")
_ADDED: Final = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")
_KEY_SETTING: Final = "AWS_BEARER_TOKEN_BEDROCK"


@dataclass(frozen=True, slots=True)
class AwsKeys:
    """What a call is signed with."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


class NoKeysError(Exception):
    """There are no credentials; `why` is a word of botocore's for the reason, without any of its details."""

    def __init__(self, why: str = "") -> None:
        """Bear the reason."""
        super().__init__(why)
        self.why = why


class AwsCredentials:
    """The credentials of one profile, looked up by one thread at a time and kept for KEPT_SECONDS.

    A search that hangs hangs alone: who has no more patience leaves it, and who comes later waits for the same one.
    """

    def __init__(
        self,
        provider: str,
        profile: str | None,
        region: str,
        patience_seconds: float,
        find: Callable[[], AwsKeys] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look nothing up yet.

        `find` blocks, and raises NoKeysError and ModuleNotFoundError; without one botocore searches.
        """
        self._provider = provider
        self._patience_seconds = patience_seconds
        self._find = find or _Chain(profile, region).find
        self._clock = clock
        self._known: tuple[float, AwsKeys] | None = None
        self._search: asyncio.Task[AwsKeys] | None = None

    async def keys(self) -> AwsKeys:
        """Return the credentials. Raises LLM_PROVIDER_DISABLED without any, UnaskedError when it takes too long."""
        if self._known is not None and self._clock() - self._known[0] < KEPT_SECONDS:
            return self._known[1]
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await asyncio.shield(self._searching())
        except TimeoutError:
            message = (
                f"{self._provider} got no AWS credentials within {self._patience_seconds:g} s. "
                "Look at where they come from: the profile, the login, or the machine's role."
            )
            raise UnaskedError(Code.LLM_PROVIDER_UNAVAILABLE, message, is_transient=True) from None
        except ModuleNotFoundError:
            message = (
                f"{self._provider} needs botocore: pip install 'chaffer[bedrock]', or set {_KEY_SETTING}. "
                "`builtin` needs neither."
            )
            raise ChafferError(Code.LLM_PROVIDER_DISABLED, message) from None
        except NoKeysError as missing:
            why = f" ({missing.why})" if missing.why else ""
            message = (
                f"{self._provider} has no AWS credentials{why}: set AWS_PROFILE and log in, or AWS_ACCESS_KEY_ID and "
                f"AWS_SECRET_ACCESS_KEY, or {_KEY_SETTING}, or give this machine a role. `builtin` needs none."
            )
            raise ChafferError(Code.LLM_PROVIDER_DISABLED, message) from None

    def _searching(self) -> asyncio.Task[AwsKeys]:
        if self._search is None or self._search.done():
            self._search = asyncio.create_task(self._found())
            # Where all have left, nobody asks how it ended.
            self._search.add_done_callback(lambda search: search.cancelled() or search.exception())
        return self._search

    async def _found(self) -> AwsKeys:
        keys = await asyncio.to_thread(self._find)
        self._known = (self._clock(), keys)
        return keys


class _Chain:
    """botocore's own search: the environment, the profile's files, single sign-on, the role of container or machine."""

    def __init__(self, profile: str | None, region: str) -> None:
        self._profile = profile
        self._region = region
        self._session: Any = None  # botocore bears no types.

    def find(self) -> AwsKeys:
        """Return what is found, renewed where it expires soon. Raises NoKeysError."""
        # What it logs at DEBUG holds tokens, and answers with keys in them.
        logging.getLogger("botocore").setLevel(logging.WARNING)
        import botocore.session  # noqa: PLC0415  Slow to import, and not everybody has it.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            if self._session is None:
                session = botocore.session.Session(profile=self._profile)
                session.set_config_variable("region", self._region)
                self._session = session
            credentials = self._session.get_credentials()
            keys = None if credentials is None else credentials.get_frozen_credentials()
        # Beside its own errors, what botocore lets pass: credentials that do not renew, files that are none.
        except (BotoCoreError, ClientError, RuntimeError, ValueError, KeyError, OSError) as error:
            raise NoKeysError(type(error).__name__) from None
        if keys is None or not keys.access_key or not keys.secret_key:
            raise NoKeysError
        return AwsKeys(keys.access_key, keys.secret_key, keys.token)


class KeyOrSignature:
    """Adds a Bedrock API key where there is one, and else signs the call with AWS credentials."""

    def __init__(self, credentials: AwsCredentials, region: str, configured: str | None) -> None:
        """Know where to look; `configured` is the operator's API key."""
        self._credentials = credentials
        self._region = region
        self._configured = configured

    async def __call__(self, call: Call, key: str | None) -> None:
        """Change the call's head. Raises LLM_PROVIDER_DISABLED, INVALID_API_KEY."""
        if key or self._configured:
            await KeyInHead(_SERVICE, _KEY_SETTING, configured=self._configured)(call, key)
        else:
            sign(call, await self._credentials.keys(), self._region)


def sign(call: Call, keys: AwsKeys, region: str) -> None:
    """Sign a call whose body is known, by AWS's Signature Version 4."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415  Was imported with the session that found the keys.
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415

    head = {name: call.headers[name] for name in _SIGNED if name in call.headers}
    signed = AWSRequest(method=call.method, url=call.url, data=call.body, headers=head)
    SigV4Auth(keys, _SERVICE, region).add_auth(signed)
    for name in _ADDED:
        if name in signed.headers:
            call.headers[name.lower()] = signed.headers[name]
