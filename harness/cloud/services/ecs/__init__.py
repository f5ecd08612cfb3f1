"""Amazon ECS on Fargate: services whose tasks are real processes of the application, one warm parent a region."""

from harness.cloud.services.ecs.service import Ecs

__all__ = ["Ecs"]
