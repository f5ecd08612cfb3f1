"""Amazon S3: moto keeps and answers for buckets and objects; here they are replicated and can be struck."""

from harness.cloud.services.s3.service import S3

__all__ = ["S3"]
