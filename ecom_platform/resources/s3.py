"""The S3 resource of a lake in a bucket.

Belongs here: dagster-aws's resource with the platform's patience. Not here: what is asked of S3.
"""

from typing import TYPE_CHECKING

import boto3
from dagster_aws.s3 import S3Resource

from ecom_platform.s3.client import new_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class PatientS3Resource(S3Resource):
    """dagster-aws's S3Resource, with the timeouts and retries of the platform's other clients.

    Its own waits a minute for a connection, which is as long as a sensor's tick may take.
    """

    def get_client(self) -> "S3Client":
        """A client from the credentials that the resource names, or else the default chain."""
        session = boto3.Session(
            aws_access_key_id=self.aws_access_key_id,
            aws_secret_access_key=self.aws_secret_access_key,
            aws_session_token=self.aws_session_token,
            profile_name=self.profile_name,
        )
        return new_client(
            self.endpoint_url, self.region_name, session, use_ssl=self.use_ssl, verify=self.verify
        )
