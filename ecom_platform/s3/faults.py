"""Faults of the object store in words: what is wrong, where, and what to do about it.

Belongs here: from whatever a client raises to one clear error. Not here: trying again.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from botocore.exceptions import ClientError

from ecom_platform.errors import EcomError, LakeUnavailable


class _Kind(NamedTuple):
    """A kind of fault.

    Attributes:
        signs: what the clients of different makers call it.
        meaning: what it means.
        remedy: what to do.
    """

    signs: str
    meaning: str
    remedy: str


# The first that fits counts: a text that speaks of an expired token also says that it was refused.
_KINDS = (
    _Kind(
        r"ExpiredToken|EXPIRED_TOKEN|TokenRefreshRequired|TokenRetrievalError|SSOTokenLoadError"
        r"|UnauthorizedSSOToken|RequestExpired|REQUEST_EXPIRED|credentials have expired",
        "the AWS credentials have expired",
        "renew them (`aws sso login`, or a new session token) and run it again",
    ),
    _Kind(
        r"NoCredentialsError|Unable to locate credentials|PartialCredentials|CredentialRetrieval"
        r"|CredentialsNotLoaded|ProfileNotFound|NoCredentials|not find any credentials",
        "no AWS credentials are found",
        "name them where every AWS tool looks: AWS_PROFILE, the AWS_ variables, or a role",
    ),
    _Kind(
        r"NoSuchBucket|NO_SUCH_BUCKET|bucket does not exist",
        "the bucket does not exist",
        "make it, or correct ECOM_LAKE",
    ),
    _Kind(
        r"InvalidAccessKeyId|INVALID_ACCESS_KEY_ID|SignatureDoesNotMatch"
        r"|SIGNATURE_DOES_NOT_MATCH|InvalidToken|INVALID_CLIENT_TOKEN_ID|InvalidClientTokenId",
        "the AWS credentials are refused",
        "check which ones are found (`aws sts get-caller-identity`), and AWS_ENDPOINT_URL",
    ),
    _Kind(
        r"RequestTimeTooSkewed|REQUEST_TIME_TOO_SKEWED",
        "this machine's clock differs from the store's",
        "set the clock",
    ),
    _Kind(
        r"AccessDenied|ACCESS_DENIED|AccessDeniedException|AllAccessDisabled|\b403\b|Forbidden"
        r"|PermissionDenied",
        "these credentials may not do that",
        "a lake needs s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject, "
        "s3:DeleteObject and s3:AbortMultipartUpload below its prefix; landing only the first two",
    ),
    _Kind(
        r"PermanentRedirect|PERMANENT_REDIRECT|AuthorizationHeaderMalformed|IllegalLocation",
        "the bucket lies in another region",
        "set AWS_REGION to the bucket's",
    ),
    _Kind(
        r"SlowDown|SLOW_DOWN|Throttl|THROTTLING|TooManyRequests|\b503\b|\b429\b",
        "the store is overloaded and refused every attempt",
        "nothing is lost: run it again later",
    ),
    _Kind(
        r"InternalError|INTERNAL_FAILURE|SERVICE_UNAVAILABLE|ServiceUnavailable|\b50[024]\b",
        "the store failed every attempt",
        "nothing is lost: run it again later",
    ),
    _Kind(
        r"SSL|certificate",
        "the store's certificate is not trusted, or it does not speak TLS",
        "check AWS_ENDPOINT_URL; AWS_CA_BUNDLE names the file of an authority of your own",
    ),
    _Kind(
        r"EndpointConnectionError|ConnectTimeout|ConnectionClosed|ConnectionError|NETWORK_CONNECTION"
        r"|curlCode|Could not connect|Connection refused|error sending request|ReadTimeout"
        r"|IncompleteRead|ResponseStreamingError|REQUEST_TIMEOUT|RequestTimeout|operation timed out"
        r"|response body error",
        "the store does not answer, or stopped in the middle of an answer",
        "check the network and AWS_ENDPOINT_URL; nothing is lost: run it again",
    ),
    # The answer to a question for an object's head has no body that could say more.
    _Kind(
        r"HTTP status 400|\(400\)|Bad Request",
        "the store refuses the request without a reason",
        "most often the AWS credentials have expired: renew them and run it again",
    ),
)

# Only what comes from a client of S3 is explained here: a 403 may stand in any text.
_FROM_S3 = re.compile(
    r"botocore|boto3|AWS Error|s3://|S3 ?error|Generic S3|object_store|ObjectStore"
    r"|Client error with (?:status|retries)|Error performing \w+ http|invalid peer certificate"
)
_MISSING = ("404", "NoSuchKey", "NotFound")
_SHOWN = 300
_SECRETS = re.compile(
    r"(X-Amz-[\w-]+=|AWSAccessKeyId=|Signature=|Credential=)[^\s&,\"'>]+", re.IGNORECASE
)


def explain(fault: BaseException, where: str) -> EcomError | None:
    """Say what a fault of the object store means, or None if it is none.

    Args:
        fault: what a client raised, or what wraps it.
        where: the lake or the object that it was about.
    """
    for link in _chain(fault):
        if isinstance(link, EcomError):
            return link
        named = f"{type(link).__module__}.{type(link).__name__}: {link}"
        if told := _explained(named, str(link), where):
            return LakeUnavailable(told)
    return None


def explain_text(text: str, where: str) -> str | None:
    """The same of a fault of which only the text is left; None also if it is explained already."""
    if any(kind.meaning in text for kind in _KINDS):
        return None
    return _explained(text, text, where)


def _explained(named: str, said: str, where: str) -> str | None:
    if not _FROM_S3.search(named):
        return None
    for kind in _KINDS:
        if re.search(kind.signs, named):
            return f"{where}: {kind.meaning}; {kind.remedy} ({_shortened(said)})"
    return None


@contextlib.contextmanager
def told_clearly(where: str) -> Iterator[None]:
    """Turn faults of the object store into one clear error each; others pass.

    Raises:
        LakeUnavailable: names the place, the fault and the remedy.
    """
    try:
        yield
    except EcomError:
        raise
    except Exception as fault:
        told = explain(fault, where)
        if told is None:
            raise
        raise told from fault


@contextlib.contextmanager
def told_of_one_object(path: str) -> Iterator[None]:
    """The same of one object, of which a reader wants to know that it is not there.

    Raises:
        FileNotFoundError: there is no such object.
        LakeUnavailable: names the object, the fault and the remedy.
    """
    with told_clearly(path):
        try:
            yield
        except ClientError as fault:
            if is_missing(fault):
                raise FileNotFoundError(f"there is no object {path}") from None
            raise


def is_missing(fault: ClientError) -> bool:
    """Whether the store says that there is no such object."""
    return fault.response.get("Error", {}).get("Code") in _MISSING


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """A fault, then what it came from, the nearest first."""
    seen: set[int] = set()
    link: BaseException | None = fault
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _shortened(text: str) -> str:
    """A message of others in one line, without what could be a signature or a key."""
    line = _SECRETS.sub(r"\1…", " ".join(text.split()))
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
