"""How a resource is tagged, by its kind; whatever a drill may strike has its function here."""

from __future__ import annotations

from functools import singledispatch

from botocore.exceptions import ClientError

from harness.aws import Aws, error_code
from harness.errors import BlastRadiusRefused
from harness.estate import Balancer, Bucket, Cache, Database, Service


@singledispatch
def tags_reported(resource: object, aws: Aws) -> dict[str, str]:
    """The tags, as AWS reports them. Raises BlastRadiusRefused for a kind whose tags nobody can read, ClientError."""
    raise BlastRadiusRefused(
        f"the tags of a {type(resource).__name__.lower()} cannot be read, so it may not be struck",
        hint="Strike something else, or let harness/guard/tags.py read the tags of such a resource.",
    )


@tags_reported.register
def _(resource: Database, aws: Aws) -> dict[str, str]:
    rds = aws.rds(resource.region)
    arn = rds.describe_db_instances(DBInstanceIdentifier=resource.identifier)["DBInstances"][0]["DBInstanceArn"]
    return {tag["Key"]: tag["Value"] for tag in rds.list_tags_for_resource(ResourceName=arn)["TagList"]}


@tags_reported.register
def _(resource: Cache, aws: Aws) -> dict[str, str]:
    elasticache = aws.elasticache(resource.region)
    [group] = elasticache.describe_replication_groups(ReplicationGroupId=resource.identifier)["ReplicationGroups"]
    tags = elasticache.list_tags_for_resource(ResourceName=group["ARN"])["TagList"]
    return {tag["Key"]: tag["Value"] for tag in tags}


@tags_reported.register
def _(resource: Bucket, aws: Aws) -> dict[str, str]:
    try:
        found = aws.s3(resource.region).get_bucket_tagging(Bucket=resource.name)["TagSet"]
    except ClientError as error:
        if error_code(error) != "NoSuchTagSet":  # as S3 says of a bucket without tags
            raise
        return {}
    return {tag["Key"]: tag["Value"] for tag in found}


@tags_reported.register
def _(resource: Service, aws: Aws) -> dict[str, str]:
    described = aws.ecs(resource.region).describe_services(
        cluster=resource.cluster, services=[resource.service], include=["TAGS"]
    )
    return {tag["key"]: tag["value"] for service in described["services"] for tag in service.get("tags", [])}


@tags_reported.register
def _(resource: Balancer, aws: Aws) -> dict[str, str]:
    elbv2 = aws.elbv2(resource.region)
    arn = elbv2.describe_load_balancers(Names=[resource.name])["LoadBalancers"][0]["LoadBalancerArn"]
    described = elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    return {tag["Key"]: tag.get("Value", "") for one in described for tag in one["Tags"]}
